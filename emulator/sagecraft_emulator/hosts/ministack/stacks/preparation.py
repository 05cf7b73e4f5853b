"""ministack's CloudFormation, once it is loaded: what is put into its tables.

ministack reads its settings when it is imported, so its modules are imported where they are used.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.hosts.ministack.alarm import record_with_metrics

from .anomaly import AnomalyMonitorProvisioner, AnomalySubscriptionProvisioner
from .bucket import BucketProvisioner
from .budget import BudgetProvisioner
from .budgets_action import BudgetsActionProvisioner
from .condition import with_values
from .function import FunctionProvisioner
from .identity import IDENTITIES, checked
from .interrupted import StackOperations
from .nested_stack import NestedStackProvisioner
from .network import FlowLogProvisioner, RuleProvisioner
from .schedule import ScheduleProvisioner
from .topic import TopicProvisioner
from .unfinished import FindMade, UnfinishedResources

ANOMALY_MONITOR: Final = "AWS::CE::AnomalyMonitor"
ANOMALY_SUBSCRIPTION: Final = "AWS::CE::AnomalySubscription"
BUCKET: Final = "AWS::S3::Bucket"
BUDGET: Final = "AWS::Budgets::Budget"
BUDGETS_ACTION: Final = "AWS::Budgets::BudgetsAction"
FLOW_LOG: Final = "AWS::EC2::FlowLog"
INGRESS: Final = "AWS::EC2::SecurityGroupIngress"
EGRESS: Final = "AWS::EC2::SecurityGroupEgress"
SCHEDULE: Final = "AWS::Scheduler::Schedule"
TOPIC: Final = "AWS::SNS::Topic"
FUNCTION: Final = "AWS::Lambda::Function"
NESTED_STACK: Final = "AWS::CloudFormation::Stack"
# ruff: noqa: SLF001 - ministack has no public way to any of this


class _Provisioner(Protocol):
    """What makes, changes and removes resources of one type, as `ResourceHandler` says."""

    def create(self, logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]: ...

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]: ...

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None: ...


@dataclass(frozen=True)
class ResourceHandler:
    """How CloudFormation makes, changes and removes a resource of one type; each may block.

    Attributes:
        create: Logical id, properties, stack name -> physical id, attributes.
        update: Physical id, old and new properties, stack name, logical id -> physical id, attributes. Another physical
            id than before means a replacement: the old resource is deleted when the update succeeds.
        delete: Physical id, properties.
    """

    create: Callable[[str, dict[str, Any], str], tuple[str, dict[str, Any]]]
    update: Callable[[str, dict[str, Any], dict[str, Any], str, str], tuple[str, dict[str, Any]]]
    delete: Callable[[str, dict[str, Any]], None]


def add_resource_types(
    added: Mapping[str, ResourceHandler],
    clients: Clients,
    whose: Callable[[], tuple[str, str]],
    end_processes: Callable[..., None],
) -> None:
    """Puts resource types into ministack's table, and mends those of its own that leave something out.

    Args:
        added: By their names; they run on threads.
        clients: To ministack itself.
        whose: The account and region of the present stack operation.
        end_processes: Ends those of a function, by its name, `account` and `region`.
    """
    from ministack.services import cloudformation, iam  # noqa: PLC0415 - as above
    from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks  # noqa: PLC0415

    evaluate = with_values(engine._evaluate_conditions, engine._resolve_refs)
    for module in (engine, stacks, handlers, changesets):
        module._evaluate_conditions = evaluate
    table = provisioners._RESOURCE_HANDLERS
    ec2, rules = provisioners._ec2, provisioners._ec2_sg_permissions
    provisioned: dict[str, _Provisioner] = {
        ANOMALY_MONITOR: AnomalyMonitorProvisioner(lambda: clients.cost_explorer(whose()[0])),
        ANOMALY_SUBSCRIPTION: AnomalySubscriptionProvisioner(
            lambda: clients.cost_explorer(whose()[0]), lambda: whose()[0]
        ),
        BUCKET: BucketProvisioner(dict(table[BUCKET]), lambda: clients.s3(*whose())),
        BUDGET: BudgetProvisioner(lambda: clients.budgets(whose()[0]), lambda: whose()[0]),
        BUDGETS_ACTION: BudgetsActionProvisioner(lambda: clients.budgets(whose()[0]), lambda: whose()[0]),
        EGRESS: RuleProvisioner(ec2, rules, "IpPermissionsEgress"),
        FLOW_LOG: FlowLogProvisioner(ec2, provisioners._ec2_apply_tags),
        INGRESS: RuleProvisioner(ec2, rules, "IpPermissions"),
        SCHEDULE: ScheduleProvisioner(lambda: clients.scheduler(*whose())),
        TOPIC: TopicProvisioner(dict(table[TOPIC]), lambda: clients.sns(*whose())),
    }
    own = {name: ResourceHandler(each.create, each.update, each.delete) for name, each in provisioned.items()}
    on_threads = {**added, **own}
    for name, handler in on_threads.items():
        table[name] = {
            "create": handler.create,
            "update": handler.update,
            "update_with_logical_id": True,
            "delete": handler.delete,
        }
    own_check = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda resource_type: resource_type in on_threads or bool(own_check(resource_type))
    for name in IDENTITIES:
        table[name] = checked(name, table[name], iam._policy_exists)
    table[NESTED_STACK]["create"] = NestedStackProvisioner(dict(table[NESTED_STACK]), cloudformation._stacks).create
    table[FUNCTION]["delete"] = FunctionProvisioner(
        dict(table[FUNCTION]),
        lambda name, account, region: end_processes(name, account=account, region=region),
        whose,
    ).delete
    provisioners._cw_metric_alarm_record = record_with_metrics(provisioners._cw_metric_alarm_record)


def follow_operations(
    enter: Callable[[str, str], None], save: Callable[[], None], find_made: FindMade
) -> StackOperations:
    """The operations on ministack's stacks, from now on followed.

    Args:
        enter: As `StackOperations` has it.
        save: As `StackOperations` has it.
        find_made: As `UnfinishedResources` has it.
    """
    from ministack.services import cloudformation  # noqa: PLC0415 - as above
    from ministack.services.cloudformation import changesets, custom_resource, handlers, stacks  # noqa: PLC0415

    own_invoke = custom_resource.invoke_custom_resource

    def save_and_invoke(*arguments: Any, **options: Any) -> Any:
        save()  # what the function begins is undone by who knows that it was asked to
        return own_invoke(*arguments, **options)

    custom_resource.invoke_custom_resource = save_and_invoke
    unfinished = UnfinishedResources(stacks, cloudformation._stacks, cloudformation._stack_events, find_made)
    operations = StackOperations(stacks, (handlers, changesets), cloudformation._stacks, enter, save, unfinished)
    cloudformation.load_persisted_state = operations.seen_in(cloudformation.load_persisted_state)
    return operations
