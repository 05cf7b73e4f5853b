"""What the registry needs besides CloudFormation: that its versions go with it, and that endpoints follow approvals."""
