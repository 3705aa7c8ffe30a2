"""The same work for a storage queue of Azure, which hands over one message at a time and takes it back if this fails."""

import json
import logging

from app import total


def handler(event, context):
    order = json.loads(event.get_body())
    logging.info("order %s: %d cents", order["id"], total(order))
