"""A custom resource that is complete at the second time of asking."""


def on_event(event, context):
    return {"PhysicalResourceId": event.get("PhysicalResourceId", "waiting")}


asked = set()


def is_complete(event, context):
    first = event["RequestId"] not in asked
    asked.add(event["RequestId"])
    if first:
        return {"IsComplete": False}
    return {"IsComplete": True, "Data": {"Answer": event["ResourceProperties"]["Text"].upper()}}
