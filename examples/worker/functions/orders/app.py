"""Prices the orders of a queue. An order that cannot be priced fails alone; the others of its batch are done."""

import json

PRICES = {"apple": 30, "bread": 250, "coffee": 420}


def handler(event, context):
    failed = []
    for record in event["Records"]:
        try:
            order = json.loads(record["body"])
            print(f"order {order['id']}: {total(order)} cents")
        except (KeyError, TypeError, ValueError) as reason:
            print(f"message {record['messageId']} failed: {reason!r}")
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def total(order):
    return sum(PRICES[item] * count for item, count in order["items"].items())
