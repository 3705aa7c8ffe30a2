"""Reads back with boto3 the buckets that Updraft made and the notifications it wrote."""

import json

import foreign
from readback import CHECKS, STAGE, arn_of, different, first, listed, physical, role
from targets import REGION


# What the role may do beyond writing its log.
OBJECTS = ("s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload")


def bucket_of(run, logical):
    """Returns the name of a managed bucket: it ends in a hash of the account and region."""
    start = f"{run.scenario.project}-{STAGE}-{logical}-"
    (name,) = [it["Name"] for it in run.clients["s3"].list_buckets()["Buckets"] if it["Name"].startswith(start)]
    return name


def bucket(logical, tags):
    """The bucket is private, encrypted, its owner's, in its region, and carries its tags and our marks."""

    def check(run):
        s3, name = run.clients["s3"], bucket_of(run, logical)
        block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        (owner,) = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
        found = {it["Key"]: it["Value"] for it in s3.get_bucket_tagging(Bucket=name)["TagSet"]}
        shown = {key: value for key, value in found.items() if not key.startswith("updraft:")}
        return first([
            different("public access", set(block.values()), {True}),
            different("encryption", rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256"),
            different("ownership", owner["ObjectOwnership"], "BucketOwnerEnforced"),
            different("location", s3.get_bucket_location(Bucket=name)["LocationConstraint"], REGION),
            different("tags", shown, tags),
            different("mark", found.get("updraft:project"), run.scenario.project),
        ])

    return check


def entries(run, name):
    """Returns the functions' entries of a bucket's notification document in a form that can be compared."""
    document = run.clients["s3"].get_bucket_notification_configuration(Bucket=name)
    return sorted(
        (
            it["LambdaFunctionArn"].rpartition(":")[2],
            tuple(it["Events"]),
            # S3 answers the names of the rules with a capital.
            tuple(sorted((rule["Name"].lower(), rule["Value"]) for rule in rules(it))),
        )
        for it in document.get("LambdaFunctionConfigurations", [])
    )


def rules(entry):
    return entry.get("Filter", {}).get("Key", {}).get("FilterRules", [])


def notification(run):
    wanted = [(physical(run, "thumb"), ("s3:ObjectCreated:*",), (("prefix", "in/"), ("suffix", ".png")))]
    return different("entries", entries(run, bucket_of(run, "pictures")), wanted)


def beside_others(run):
    """Our entry stands in somebody else's document beside theirs."""
    theirs = ("dashboard", ("s3:ObjectCreated:*",), (("prefix", "reports/"),))
    ours = (physical(run, "sweep"), ("s3:ObjectRemoved:*",), (("suffix", ".png"),))
    return different("entries", entries(run, foreign.NAMES["bucket"]), sorted([theirs, ours]))


def callers(run):
    """S3 may call for this one bucket of this one account."""
    document = run.clients["lambda"].get_policy(FunctionName=physical(run, "thumb"))["Policy"]
    (statement,) = json.loads(document)["Statement"]
    blocks = statement["Condition"].values()
    keys = {key.lower(): value for block in blocks for key, value in block.items()}
    account = arn_of(run, "thumb")["FunctionArn"].split(":")[4]
    return first([
        different("principal", statement["Principal"], {"Service": "s3.amazonaws.com"}),
        different("source", keys.get("aws:sourcearn"), f"arn:aws:s3:::{bucket_of(run, 'pictures')}"),
        different("account", keys.get("aws:sourceaccount"), account),
    ])


def told(run):
    variables = arn_of(run, "thumb")["Environment"]["Variables"]
    return different("environment", variables, {"THUMBNAILS": bucket_of(run, "thumbnails")})


def objects(run):
    """The role may read below one prefix of one bucket and write into the other."""
    iam, name = run.clients["iam"], physical(run, "thumb")
    (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
    statements = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]["Statement"]
    allowed = {
        (action, resource)
        for it in statements for action in listed(it["Action"]) for resource in listed(it["Resource"])
        if action.startswith("s3:")
    }
    source, target = (f"arn:aws:s3:::{bucket_of(run, it)}" for it in ("pictures", "thumbnails"))
    wanted = {
        ("s3:GetObject", f"{source}/in/*"), ("s3:PutObject", f"{target}/*"), ("s3:AbortMultipartUpload", f"{target}/*"),
    }
    return different("allowed", allowed, wanted)


CHECKS["storage"] = [
    ("the bucket that calls", bucket("pictures", {}), "bucket-tags"),
    ("the bucket that is written to", bucket("thumbnails", {"team": "gallery"}), "bucket-tags"),
    ("the notification", notification, "bucket-tags"),
    ("the notification of somebody else's bucket", beside_others),
    ("who may call the function", callers, "bucket-tags"),
    ("what the function is told", told, "bucket-tags"),
    ("the role and its policy", role("thumb", extra=OBJECTS), "bucket-tags"),
    ("what the role may do with objects", objects, "bucket-tags"),
]
