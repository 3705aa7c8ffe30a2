"""What the public emulators lack or get wrong, by name, with the reason. Nothing is skipped that does not stand here.

Each feature is seen to be missing by the probe of its name in features.py before anything is left out for it: one that
works after all fails the run, so that the lists cannot rot. Lines of manifests, changes and checks say what they need.
"""

LACKS = {
    "embedded": {},
    "moto": {
        "mappings-by-name": "ListEventSourceMappings finds a mapping only by the text its function was named with",
        "bucket-tags": "CreateBucket ignores the tags of its configuration, which are how a bucket is known to be ours",
        "log-format": "CreateFunction and UpdateFunctionConfiguration ignore LoggingConfig",
        "code-location": "GetFunction's Code.Location names a host that only AWS has",
        "public-url": "AddPermission keeps the conditions of function URLs under keys that are not AWS's",
    },
    "ministack": {},
}
