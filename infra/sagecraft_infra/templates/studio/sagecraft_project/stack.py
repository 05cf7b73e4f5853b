"""The data, and a domain of Studio whose users may read it."""

from pathlib import Path

from aws_cdk import CfnOutput, Duration, Environment, RemovalPolicy, Stack
from constructs import Construct
from sagecraft_constructs import (
    DataBucket,
    Dataset,
    InstanceType,
    StudioApp,
    StudioAppType,
    StudioDomain,
    UserProfile,
)

from .settings import Settings

DATA = Path(__file__).parents[1] / "data"


class SagecraftProjectStack(Stack):
    """A bucket, the passengers in it, and a domain of Studio for people who may read them.

    Attributes:
        domain: The domain; its apps are deleted when nobody works in them.
        user_profiles: Of the people, by their names.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        settings: Settings,
        env: Environment | None = None,
    ) -> None:
        """Declares the stack.

        Args:
            scope: The app.
            id: Its name.
            settings: Of the environment.
            env: Account and region. Left out, the template fits any.
        """
        super().__init__(scope, id, env=env, description="Studio for people who may read the data")
        removal_policy = RemovalPolicy.RETAIN if settings.keep_data else RemovalPolicy.DESTROY
        bucket = DataBucket(self, "Bucket", removal_policy=removal_policy)
        dataset = Dataset(self, "Passengers", bucket=bucket, path=DATA)
        lab = StudioApp(instance_type=InstanceType.of(settings.instance_type))
        self.domain = StudioDomain(
            self,
            "Domain",
            apps={StudioAppType.JUPYTER_LAB: lab},
            idle_time=Duration.minutes(settings.idle_minutes),
            home_removal_policy=removal_policy,
        )
        self.domain.allow_read(bucket)
        # Who leaves is a name less: their apps and spaces go with them.
        self.user_profiles = {
            name: UserProfile(self, f"User-{name}", domain=self.domain, user_profile_name=name)
            for name in settings.people
        }

        CfnOutput(self, "Data", value=dataset.s3_uri)
        CfnOutput(self, "DomainId", value=self.domain.domain_id)
