"""CloudWatch Logs, EventBridge Scheduler and S3."""

from strict.probes import CLOCK_ROLE, FUNCTION, RUN_ROLE, answered, refused
from targets import REGION

# CloudWatch Logs.


@refused(400, "InvalidParameterException", "logs: a retention of 15 days")
def _(c):
    c["logs"].create_log_group(logGroupName="/probe/retention")
    c["logs"].put_retention_policy(logGroupName="/probe/retention", retentionInDays=15)


@refused(400, "ResourceAlreadyExistsException", "logs: a log group that exists")
def _(c):
    c["logs"].create_log_group(logGroupName="/probe/twice")
    c["logs"].create_log_group(logGroupName="/probe/twice")


@refused(400, "ResourceNotFoundException", "logs: a log group that does not exist")
def _(c):
    c["logs"].delete_log_group(logGroupName="/probe/nothing")


# EventBridge Scheduler.


def schedule(c, **changes):
    request = {
        "Name": "probe", "ScheduleExpression": "rate(5 minutes)", "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": FUNCTION, "RoleArn": CLOCK_ROLE},
    }
    return c["scheduler"].create_schedule(**{**request, **changes})


@refused(400, "ValidationException", "scheduler: a cron expression of five fields")
def _(c):
    schedule(c, ScheduleExpression="cron(0 7 * * *)")


@refused(400, "ValidationException", "scheduler: a rate of nothing")
def _(c):
    schedule(c, ScheduleExpression="rate(0 minutes)")


@refused(400, "ValidationException", "scheduler: a time zone that does not exist")
def _(c):
    schedule(c, ScheduleExpressionTimezone="Europe/Atlantis")


@refused(400, "ValidationException", "scheduler: a role that the scheduler may not assume")
def _(c):
    schedule(c, Target={"Arn": FUNCTION, "RoleArn": RUN_ROLE})


@refused(404, "ResourceNotFoundException", "scheduler: a group that does not exist")
def _(c):
    schedule(c, GroupName="nothing")


@refused(409, "ConflictException", "scheduler: a schedule that exists")
def _(c):
    schedule(c, Name="twice")
    schedule(c, Name="twice")


@refused(404, "ResourceNotFoundException", "scheduler: a schedule that does not exist")
def _(c):
    c["scheduler"].get_schedule(Name="nothing")


# S3.

EUROPE = {"LocationConstraint": REGION}


@refused(409, "BucketAlreadyOwnedByYou", "s3: a bucket that is ours already")
def _(c):
    c["s3"].create_bucket(Bucket="probe-twice", CreateBucketConfiguration=EUROPE)
    c["s3"].create_bucket(Bucket="probe-twice", CreateBucketConfiguration=EUROPE)


@refused(412, "PreconditionFailed", "s3: an object that must not exist yet")
def _(c):
    c["s3"].create_bucket(Bucket="probe-once", CreateBucketConfiguration=EUROPE)
    c["s3"].put_object(Bucket="probe-once", Key="a", Body=b"1")
    c["s3"].put_object(Bucket="probe-once", Key="a", Body=b"2", IfNoneMatch="*")


@refused(409, "BucketNotEmpty", "s3: the deletion of a bucket that holds something")
def _(c):
    c["s3"].create_bucket(Bucket="probe-full", CreateBucketConfiguration=EUROPE)
    c["s3"].put_object(Bucket="probe-full", Key="a", Body=b"1")
    c["s3"].delete_bucket(Bucket="probe-full")


@refused(404, "NoSuchKey", "s3: an object that does not exist")
def _(c):
    c["s3"].create_bucket(Bucket="probe-empty", CreateBucketConfiguration=EUROPE)
    c["s3"].get_object(Bucket="probe-empty", Key="nothing")


@refused(404, "NoSuchBucket", "s3: a bucket that does not exist")
def _(c):
    c["s3"].list_objects_v2(Bucket="probe-nothing")


@answered("s3: an object reads back as it was written")
def _(c):
    c["s3"].create_bucket(Bucket="probe-round", CreateBucketConfiguration=EUROPE)
    c["s3"].put_object(Bucket="probe-round", Key="a/b c", Body=b"\x00\x01")
    found = c["s3"].get_object(Bucket="probe-round", Key="a/b c")["Body"].read()
    keys = [it["Key"] for it in c["s3"].list_objects_v2(Bucket="probe-round", Prefix="a/")["Contents"]]
    return None if (found, keys) == (b"\x00\x01", ["a/b c"]) else f"{found!r}, {keys}"
