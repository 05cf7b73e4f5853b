const { STSClient, GetCallerIdentityCommand } = require("@aws-sdk/client-sts");

exports.handler = async (event) => {
  const identity = await new STSClient({}).send(new GetCallerIdentityCommand({}));
  return {
    PhysicalResourceId: "node",
    Data: { Answer: `${event.ResourceProperties.Text} from ${identity.Account}` },
  };
};
