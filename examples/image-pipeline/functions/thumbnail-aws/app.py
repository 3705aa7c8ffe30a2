"""Makes a small copy of every PNG picture put into a bucket of S3, and tells a queue. Lambda brings boto3."""

import json
import os
from urllib.parse import unquote_plus

import boto3

import png

s3 = boto3.client("s3")
sqs = boto3.client("sqs")


def handler(event, context):
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        # Keys in events are encoded like the fields of a form.
        key = unquote_plus(record["s3"]["object"]["key"])
        if key.lower().endswith(".png"):
            copy(bucket, key)
        else:
            print(f"{key} is not a PNG picture")


def copy(bucket, key):
    picture = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        small = png.thumbnail(picture, int(os.environ["LONGEST_SIDE"]))
    except png.NotSupported as reason:
        # Trying again would not help.
        print(f"{key} is left as it is: {reason}")
        return
    thumbnails = os.environ["THUMBNAILS"]
    s3.put_object(Bucket=thumbnails, Key=key, Body=small, ContentType="image/png")
    message = {"picture": f"{bucket}/{key}", "thumbnail": f"{thumbnails}/{key}", "bytes": len(small)}
    sqs.send_message(QueueUrl=os.environ["DONE"], MessageBody=json.dumps(message))
    print(f"{key}: {len(picture)} bytes became {len(small)}")
