"""S3's buckets: what they are set to, and their notifications."""

import json

import foreign
from strict.probes import ACCOUNT, FUNCTION, RUN_ROLE, answered, refused
from targets import REGION

# A function of their own: other probes want the one of all without a policy.
CALLED = FUNCTION + "-called"
EUROPE = {"LocationConstraint": REGION}


def made(c, name):
    c["s3"].create_bucket(Bucket=name, CreateBucketConfiguration=EUROPE)
    return {"Bucket": name}


def entry(events=("s3:ObjectCreated:*",), arn=CALLED, **more):
    return {"LambdaFunctionArn": arn, "Events": list(events), **more}


def rule(**rules):
    return {"Filter": {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in rules.items()]}}}


def notify(c, bucket, *entries, **more):
    document = {"LambdaFunctionConfigurations": list(entries), **more}
    c["s3"].put_bucket_notification_configuration(**bucket, NotificationConfiguration=document)


def permit(c, bucket, account=ACCOUNT):
    try:
        c["lambda"].get_function(FunctionName=CALLED)
    except c["lambda"].exceptions.ResourceNotFoundException:
        foreign.create_function(c["lambda"], FunctionName=CALLED.rpartition(":")[2], Role=RUN_ROLE)
    c["lambda"].add_permission(
        FunctionName=CALLED, StatementId=f"s3-{bucket['Bucket']}", Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com", SourceArn=f"arn:aws:s3:::{bucket['Bucket']}", SourceAccount=account,
    )
    return bucket


# Settings.


@refused(400, "InvalidLocationConstraint", "s3: a bucket whose location is the first region by name")
def _(c):
    c["s3"].create_bucket(Bucket="probe-first", CreateBucketConfiguration={"LocationConstraint": "us-east-1"})


@refused(400, "InvalidBucketName", "s3: a bucket that is named like an access point")
def _(c):
    made(c, "probe-s3alias")


@refused(403, "AccessDenied", "s3: a policy for everyone while public access is blocked")
def _(c):
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::probe-open/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    c["s3"].put_bucket_policy(**made(c, "probe-open"), Policy=policy)


@refused(400, "MalformedPolicy", "s3: a policy over another bucket")
def _(c):
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::probe-other/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    c["s3"].put_bucket_policy(**made(c, "probe-mine"), Policy=policy)


@refused(404, "NoSuchBucketPolicy", "s3: the policy of a bucket without one")
def _(c):
    c["s3"].get_bucket_policy(**made(c, "probe-plain"))


@refused(404, "NoSuchPublicAccessBlockConfiguration", "s3: a public access block that was removed")
def _(c):
    bucket = made(c, "probe-unblocked")
    c["s3"].delete_public_access_block(**bucket)
    c["s3"].get_public_access_block(**bucket)


@refused(409, "BucketNotEmpty", "s3: the deletion of a bucket that holds old versions alone")
def _(c):
    bucket = made(c, "probe-versions")
    c["s3"].put_bucket_versioning(**bucket, VersioningConfiguration={"Status": "Enabled"})
    c["s3"].put_object(**bucket, Key="a", Body=b"1")
    c["s3"].delete_object(**bucket, Key="a")
    c["s3"].delete_bucket(**bucket)


# Notifications.


@refused(400, "InvalidArgument", "s3: a notification for a function that does not let S3 in")
def _(c):
    notify(c, made(c, "probe-shut"), entry())


@refused(400, "InvalidArgument", "s3: a notification for a function that lets another account's S3 in")
def _(c):
    notify(c, permit(c, made(c, "probe-theirs"), account="444455556666"), entry())


@refused(400, "InvalidArgument", "s3: a notification for a function that does not exist")
def _(c):
    notify(c, made(c, "probe-nobody"), entry(arn=CALLED + "-nothing"))


@refused(400, "InvalidArgument", "s3: a notification for an event that does not exist")
def _(c):
    notify(c, permit(c, made(c, "probe-event")), entry(events=["s3:ObjectMade:*"]))


@refused(400, "InvalidArgument", "s3: notifications for the same event")
def _(c):
    notify(c, permit(c, made(c, "probe-same")), entry(), entry(events=["s3:ObjectCreated:Put"]))


@refused(400, "InvalidArgument", "s3: notifications with overlapping prefixes")
def _(c):
    notify(c, permit(c, made(c, "probe-overlap")), entry(**rule(prefix="a/")), entry(**rule(prefix="a/b/")))


@refused(400, "InvalidArgument", "s3: two notifications of one id")
def _(c):
    twice = [entry(Id="one", **rule(prefix=prefix)) for prefix in ("a/", "b/")]
    notify(c, permit(c, made(c, "probe-ids")), *twice)


@refused(400, "InvalidArgument", "s3: a notification for a function in another region")
def _(c):
    notify(c, permit(c, made(c, "probe-far")), entry(arn=CALLED.replace(REGION, "us-east-1")))


@answered("s3: a new bucket is private, encrypted and its owner's")
def _(c):
    bucket = made(c, "probe-new")
    block = c["s3"].get_public_access_block(**bucket)["PublicAccessBlockConfiguration"]
    rules = c["s3"].get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    owner = c["s3"].get_bucket_ownership_controls(**bucket)["OwnershipControls"]["Rules"]
    found = (
        set(block.values()), rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], owner[0]["ObjectOwnership"],
    )
    return None if found == ({True}, "AES256", "BucketOwnerEnforced") else str(found)


@answered("s3: a notification document reads back as a whole")
def _(c):
    bucket = permit(c, made(c, "probe-kept"))
    notify(c, bucket, entry(**rule(suffix=".png")), EventBridgeConfiguration={})
    found = c["s3"].get_bucket_notification_configuration(**bucket)
    (kept,) = found["LambdaFunctionConfigurations"]
    rules = kept["Filter"]["Key"]["FilterRules"]
    fine = kept["Id"] and "EventBridgeConfiguration" in found and rules == [{"Name": "Suffix", "Value": ".png"}]
    return None if fine else str(found)


@answered("s3: versions are listed with their delete markers")
def _(c):
    bucket = made(c, "probe-history")
    c["s3"].put_bucket_versioning(**bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        c["s3"].put_object(**bucket, Key="a", Body=body)
    c["s3"].delete_object(**bucket, Key="a")
    found = c["s3"].list_object_versions(**bucket)
    counts = (len(found["Versions"]), len(found["DeleteMarkers"]))
    everything = [{"Key": "a", "VersionId": it["VersionId"]} for it in found["Versions"] + found["DeleteMarkers"]]
    c["s3"].delete_objects(**bucket, Delete={"Objects": everything})
    c["s3"].delete_bucket(**bucket)
    return None if counts == (2, 1) else str(counts)
