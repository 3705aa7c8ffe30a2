//! boto3 in Python.

use super::*;

#[track_caller]
fn py(text: &str, wanted: &[&str]) {
    finds("app.py", text, wanted);
}

#[test]
fn clients_are_followed_from_every_kind_of_import() {
    let wanted = &["3 s3.GetObject: s3:GetObject on b"];
    py("import boto3\ns3 = boto3.client('s3')\ns3.get_object(Bucket='b', Key='k')", wanted);
    py("import boto3 as aws\ns3 = aws.client('s3')\ns3.get_object(Bucket='b', Key='k')", wanted);
    py("from boto3 import client as c\ns3 = c('s3')\ns3.get_object(Bucket='b')", wanted);
    py(
        "from boto3 import client\ns3 = client(service_name='s3')\ns3.get_object(Bucket='b')",
        wanted,
    );
    py(
        "import boto3.session\ns = boto3.session.Session(profile_name='p')\ns.client('s3').get_object(Bucket='b')",
        wanted,
    );
    py(
        "from boto3.session import Session\ns = Session()\ns.client('s3').get_object(Bucket='b')",
        wanted,
    );
    py("import boto3\nmake = boto3.client\nmake('s3').get_object(Bucket='b')", wanted);
    py(
        "import botocore.session as b\ns = b.get_session().create_client('s3')\ns.get_object(Bucket='b')",
        wanted,
    );
    py(
        "import boto3\nwith boto3.Session().client('s3') as s:\n    s.get_object(Bucket='b')",
        wanted,
    );
    py(
        "import aioboto3\nasync def f():\n async with aioboto3.Session().client('s3') as s: await s.get_object(Bucket='b')",
        wanted,
    );
    py(
        "try:\n    import boto3\nexcept ImportError: boto3 = None\nboto3.client('s3').get_object(Bucket='b')",
        &["4 s3.GetObject: s3:GetObject on b"],
    );
}

#[test]
fn clients_are_followed_through_functions_classes_and_data() {
    py(
        "import boto3\n_s3 = None\ndef s3():\n    global _s3\n    if _s3 is None:\n        _s3 = boto3.client('s3')\n    return _s3\ndef handler(e, c):\n    s3().put_object(Bucket='b')\n",
        &["9 s3.PutObject: s3:PutObject on b"],
    );
    py(
        "import boto3\nclass Store:\n    def __init__(self, bucket):\n        self.client = boto3.client('s3')\n        self.bucket = bucket\n    def save(self):\n        self.client.put_object(Bucket=self.bucket)\nStore('b').save()\n",
        &["7 s3.PutObject: s3:PutObject on b"],
    );
    py(
        "import boto3\ndef make(name):\n    return boto3.client(name)\nmake('s3').list_objects_v2(Bucket='b')\nmake('sqs').send_message(QueueUrl='q')\n",
        &["4 s3.ListObjectsV2: s3:ListBucket on b", "5 sqs.SendMessage: sqs:SendMessage on q"],
    );
    py(
        "import boto3\ndef put(client, bucket):\n    client.put_object(Bucket=bucket)\ns3 = boto3.client('s3')\nput(s3, 'b')\n",
        &["3 s3.PutObject: s3:PutObject on b"],
    );
    py(
        "import boto3\ns3 = boto3.client('s3')\ndef put(event, client=s3):\n    client.put_object(Bucket='b')\n",
        &["4 s3.PutObject: s3:PutObject on b"],
    );
    py(
        "import boto3\nC = {'s3': boto3.client('s3'), 'q': boto3.client('sqs')}\nC['s3'].get_object(Bucket='b')\na, b = boto3.client('sns'), 1\na.publish(TopicArn='t')\n",
        &["3 s3.GetObject: s3:GetObject on b", "5 sns.Publish: sns:Publish on t"],
    );
    py(
        "import boto3\nfrom functools import cached_property\nclass A:\n    @cached_property\n    def s3(self):\n        return boto3.client('s3')\n    def go(self):\n        self.s3.get_object(Bucket='b')\nclass B(A):\n    def more(self):\n        self.s3.delete_object(Bucket='b')\n",
        &["8 s3.GetObject: s3:GetObject on b", "11 s3.DeleteObject: s3:DeleteObject on b"],
    );
    py(
        "import boto3\nclass A:\n    s3 = boto3.client('s3')\n    @classmethod\n    def go(cls):\n        cls.s3.get_object()\nf = lambda c=boto3.client('sqs'): c.receive_message()\n[c.publish() for c in [boto3.client('sns')]]\n",
        &[
            "6 s3.GetObject: s3:GetObject",
            "7 sqs.ReceiveMessage: sqs:ReceiveMessage",
            "8 sns.Publish: sns:Publish",
        ],
    );
    py(
        "from mypy_boto3_s3 import S3Client\ndef f(s3: S3Client):\n    s3.get_object(Bucket='b')\n",
        &["3 s3.GetObject: s3:GetObject on b"],
    );
}

#[test]
fn resources_and_what_they_hand_out_are_followed() {
    py(
        "import boto3\ns3 = boto3.resource('s3')\ns3.Bucket('b').put_object(Key='k')\ns3.Object('b', 'k').get()\ns3.Bucket('b').Object('k').delete()\ns3.Bucket('b').upload_file('f', 'k')\ns3.meta.client.head_object(Bucket='c')\n",
        &[
            "3 s3.PutObject: s3:PutObject on b",
            "4 s3.GetObject: s3:GetObject on b",
            "5 s3.DeleteObject: s3:DeleteObject on b",
            "6 s3.PutObject: s3:PutObject on b",
            "7 s3.HeadObject: s3:GetObject on c",
        ],
    );
    py(
        "import boto3\nb = boto3.resource('s3').Bucket('b')\nfor o in b.objects.filter(Prefix='p'):\n    o.get()\nb.objects.all().delete()\nprint(boto3.resource('s3').Object('b', 'k').content_length)\n",
        &[
            "3 s3.ListObjects: s3:ListBucket on b",
            "4 s3.GetObject: s3:GetObject on b",
            "5 s3.DeleteObjects: s3:DeleteObject on b",
            "5 s3.ListObjects: s3:ListBucket on b",
            "6 s3.HeadObject: s3:GetObject on b",
        ],
    );
    py(
        "import boto3, os\nt = boto3.resource('dynamodb').Table(os.environ['T'])\nt.put_item(Item={})\nt.query()\nwith t.batch_writer() as batch:\n    batch.put_item(Item={})\nt.item_count\nt.name\n",
        &[
            "3 dynamodb.PutItem: dynamodb:PutItem on $T",
            "4 dynamodb.Query: dynamodb:Query on $T",
            "6 dynamodb.BatchWriteItem: dynamodb:BatchWriteItem on $T",
            "7 dynamodb.DescribeTable: dynamodb:DescribeTable on $T",
        ],
    );
    py(
        "import boto3\nq = boto3.resource('sqs').get_queue_by_name(QueueName='q')\nfor m in q.receive_messages():\n    m.delete()\n",
        &[
            "2 sqs.GetQueueUrl: sqs:GetQueueUrl on q",
            "3 sqs.ReceiveMessage: sqs:ReceiveMessage",
            "4 sqs.DeleteMessage: sqs:DeleteMessage",
        ],
    );
}

#[test]
fn paginators_waiters_urls_and_helpers_are_their_operations() {
    py(
        "import boto3\ns3 = boto3.client('s3')\nfor p in s3.get_paginator('list_objects_v2').paginate(Bucket='b'): pass\ns3.get_waiter('bucket_exists').wait(Bucket='b')\ns3.generate_presigned_url('put_object', Params={'Bucket': 'b'})\ns3.upload_file('f', 'b', 'k')\ns3.download_file('b', 'k', 'f')\ns3.copy({'Bucket': 'a', 'Key': 'k'}, 'b', 'k')\ns3.copy_object(Bucket='b', CopySource='a/k')\n",
        &[
            "3 s3.ListObjectsV2: s3:ListBucket on b",
            "4 s3.HeadBucket: s3:ListBucket on b",
            "5 s3.PutObject: s3:PutObject on b",
            "6 s3.PutObject: s3:PutObject on b",
            "7 s3.GetObject: s3:GetObject on b",
            "8 s3.CopyObject: s3:GetObject on a",
            "8 s3.CopyObject: s3:PutObject on b",
            "9 s3.CopyObject: s3:GetObject on a",
            "9 s3.CopyObject: s3:PutObject on b",
        ],
    );
    py(
        "import boto3\nd = boto3.client('dynamodb')\nd.transact_write_items(TransactItems=[{'Put': {}}, {'ConditionCheck': {}}])\nd.transact_write_items(TransactItems=items)\nd.execute_statement(Statement='SELECT * FROM t')\nboto3.client('sts').get_caller_identity()\n",
        &[
            "3 dynamodb.TransactWriteItems: dynamodb:ConditionCheckItem dynamodb:PutItem",
            "4 dynamodb.TransactWriteItems:  some of dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:ConditionCheckItem",
            "5 dynamodb.ExecuteStatement: dynamodb:PartiQLSelect",
            "6 sts.GetCallerIdentity: ",
        ],
    );
}

#[test]
fn resources_are_named_where_they_are_constant() {
    py(
        "import boto3\nfrom os import environ, getenv\nQ = environ.get('Q', 'default')\ns = boto3.client('sqs')\ns.send_message(QueueUrl=Q)\ns.send_message(QueueUrl=getenv('R'))\nargs = {'QueueUrl': 'u'}\ns.send_message(**args)\ns.send_message(QueueUrl=f'{Q}x')\ns.send_message(QueueUrl='a' 'b')\n",
        &[
            "5 sqs.SendMessage: sqs:SendMessage on $Q",
            "6 sqs.SendMessage: sqs:SendMessage on $R",
            "8 sqs.SendMessage: sqs:SendMessage on u",
            "9 sqs.SendMessage: sqs:SendMessage",
            "10 sqs.SendMessage: sqs:SendMessage on ab",
        ],
    );
}

#[test]
fn names_alone_mean_nothing() {
    py(
        "import json, boto3\ns3 = boto3.client('s3')\njson.load(open('f'))\njson.loads('{}')\n{}.get('k')\n",
        &[],
    );
    py("import boto3\nclass Client:\n    def get_object(self): pass\nClient().get_object()\n", &[]);
    py(
        "import boto3\ns3 = boto3.client('s3')\ndef f():\n    s3 = Other()\n    s3.get_object()\n",
        &[],
    );
    py(
        "import boto3\ns3 = boto3.client('s3')\n# s3.get_object()\n'''s3.put_object()'''\nx = 's3.delete_object()'\n",
        &[],
    );
    py("class boto3:\n    def client(name): pass\nboto3.client('s3').get_object()\n", &[]);
    py(
        "import boto3\nlogger = logging.getLogger()\nlogger.client('s3').get_object()\ncollection.put_item()\n",
        &[],
    );
    py(
        "import boto3\ns3 = boto3.client('s3')\ns3.close()\ns3.exceptions.NoSuchKey\ns3.no_such_operation()\n",
        &["5 ? what `no_such_operation` asks of s3 is not known"],
    );
    py(
        "import boto3\ndef handler(event, context):\n    context.get_remaining_time_in_millis()\n    event.get('body')\n",
        &[],
    );
}

#[test]
fn what_cannot_be_followed_is_said() {
    py(
        "import boto3, os\nboto3.client(os.environ['S']).get_object()\n",
        &["2 ? the service is chosen while the function runs"],
    );
    py(
        "import boto3\ns3 = boto3.client('s3')\ndef f(op):\n    getattr(s3, op)()\n",
        &["4 ? what is asked of s3 is chosen while the function runs"],
    );
    py(
        "import boto3\ngetattr(boto3.client('s3'), 'get_object')(Bucket='b')\n",
        &["2 s3.GetObject: s3:GetObject on b"],
    );
    py(
        "import boto3\ndef f(client):\n    client.put_object(Bucket='b')\n",
        &[
            "3 ? `put_object` is called on something that comes from outside the source; it may be s3",
        ],
    );
    py(
        "import boto3\ns3 = boto3.client('s3')\ns3.get_object(Bucket='b')\ndef broken(:\n  x = (\n",
        &[
            "3 s3.GetObject: s3:GetObject on b",
            "4 ? there is a syntax error here, and what it calls may be missed",
        ],
    );
    let deep = format!("x = {}1{}", "(".repeat(5000), ")".repeat(5000));
    let found = scan(&[("app.py", &deep)]);
    assert_eq!(found.notes.len(), 1, "{:?}", found.notes);
}

#[test]
fn modules_loaded_by_their_names_are_followed() {
    for load in [
        "import importlib\nboto3 = importlib.import_module('boto3')",
        "from importlib import import_module as load\nboto3 = load('boto3')",
        "NAME = 'boto3'\nboto3 = __import__(NAME)",
        "import importlib\nboto3 = importlib.import_module(name='boto3')",
    ] {
        let text = format!("{load}\nboto3.client('s3').get_object(Bucket='b')\n");
        py(&text, &["3 s3.GetObject: s3:GetObject on b"]);
    }
    let clients = "import boto3\ns3 = boto3.client('s3')\n";
    let app = "import importlib\nimportlib.import_module('clients').s3.get_object()\n";
    let found = scan(&[("app.py", app), ("clients.py", clients)]);
    assert_eq!(lines(&found), ["2 s3.GetObject: s3:GetObject"]);
    let chosen = "2 ? which module is loaded is chosen while the function runs";
    py("import importlib\nimportlib.import_module(f'lib.{name}').go()\n", &[chosen]);
    py("name = input()\n__import__(name).client('s3').get_object()\n", &[chosen]);
    py("import importlib\nimportlib.import_module('json').loads('{}')\n", &[]);
}

#[test]
fn what_goes_where_it_is_not_followed_is_said() {
    let import = "import boto3, functools, asyncio\nfrom dataclasses import dataclass, field\n";
    let s3 = "a client of s3 goes to where it is not followed";
    let makes = "what makes clients goes to where it is not followed";
    let put = "PutObject of s3 goes to where it is not followed";
    for (line, why) in [
        ("functools.partial(boto3.client, 's3')().get_object()", makes),
        ("class A: s3 = field(default_factory=lambda: boto3.client('s3'))", s3),
        ("dict(s3=boto3.client('s3')).get('s3').get_object()", s3),
        ("for _, c in dict(s3=boto3.client('s3')).items(): c.get_object()", s3),
        ("{'s3': boto3.client('s3')}.get('s3').get_object()", s3),
        ("C = {}; C['s3'] = boto3.client('s3'); C['s3'].get_object()", s3),
        ("C = {n: boto3.client(n) for n in ['s3']}; C['s3'].get_object()", s3),
        ("C = []; C.append(boto3.client('s3')); C[0].get_object()", s3),
        ("C = [1] + [boto3.client('s3')]; C[1].get_object()", s3),
        ("def f(e): e.s3 = boto3.client('s3'); e.s3.get_object()", s3),
        ("setattr(functools, 's3', boto3.client('s3')); functools.s3.get_object()", s3),
        ("asyncio.to_thread(boto3.client('s3').put_object, Bucket='b')", put),
        ("list(map(boto3.client('s3').put_object, []))", put),
        ("def f(*a): a[0].get_object()\nf(boto3.client('s3'))", s3),
        ("def f(s3): s3.get()\nf(**{'s3': boto3.client('s3')})", s3),
        ("other.wrapped(boto3)", "the module boto3 goes to where it is not followed"),
        ("boto3.client.__call__('s3').get_object()", makes),
        ("boto3.client('s4').get_object()", "the service `s4` is not known"),
        ("boto3.client('s3').get_paginator('list_all')", "what `list_all` asks of s3 is not known"),
        ("exec(code)", "it runs code that is chosen while the function runs"),
        ("eval('boto' + '3')", "it runs code that is chosen while the function runs"),
        ("s3 = boto3.client\nglobals()['s3']('s3')", "a name is chosen while the function runs"),
        ("globals().get('s3')()", "a name is chosen while the function runs"),
        (
            "import sys; sys.modules['boto3'].client('s3')",
            "a name is chosen while the function runs",
        ),
        ("class A:\n    def __getattr__(self, n): return boto3.client('s3')\nA().s3.get()", s3),
        ("class A:\n    def __call__(self): return boto3.client('s3')\nA()().get()", s3),
        ("match boto3.client('s3'):\n    case c: c.get_object()", s3),
    ] {
        let found = scan(&[("app.py", &format!("{import}{line}\n"))]);
        let whys: Vec<&str> = found.unresolved.iter().map(|one| one.why.as_str()).collect();
        assert_eq!((whys, found.calls.len()), (vec![why], 0), "{line}");
        assert!(found.unresolved[0].place.line > 2, "{:?}", found.unresolved);
    }
}

#[test]
fn what_is_followed_to_its_end_is_not_said() {
    py(
        "import boto3, typing\ns3 = boto3.client('s3')\nprint(s3, isinstance(s3, type(s3)))\nfor o in list(boto3.resource('s3').Bucket('b').objects.all()):\n    o.delete()\na, *more = [1, boto3.client('sqs')]\nmore[0].send_message()\nfor c in [*[s3]]: c.get_object()\ntyping.cast(S3, s3).put_object()\nsuper().__init__(1)\nif 's3' in globals(): s3.close()\n",
        &[
            "4 s3.ListObjects: s3:ListBucket on b",
            "5 s3.DeleteObject: s3:DeleteObject on b",
            "7 sqs.SendMessage: sqs:SendMessage",
            "8 s3.GetObject: s3:GetObject",
            "9 s3.PutObject: s3:PutObject",
        ],
    );
    py(
        "import boto3, functools, logging\n@functools.lru_cache\ndef s3(): return boto3.client('s3')\nclass Store:\n    def __init__(self, client=None, log=logging.getLogger()): self.client = client or s3()\n    def get(self): return self.client.get_object(Bucket='b')\ndef handler(event, context):\n    store = Store(client=s3())\n    logging.info(store.get()['Body'].read())\n    return {'body': str(event), 'n': [store]}\n",
        &["6 s3.GetObject: s3:GetObject on b"],
    );
}

#[test]
fn imports_between_files_are_followed() {
    let clients = "import boto3\ns3 = boto3.client('s3')\ndef table():\n    return boto3.resource('dynamodb').Table('t')\n";
    for (path, import) in [
        ("app.py", "from clients import s3, table"),
        ("app.py", "from clients import *"),
        ("pkg/app.py", "from .clients import s3, table"),
        ("pkg/app.py", "from pkg.clients import s3, table"),
        ("pkg/sub/app.py", "from ..clients import s3, table"),
    ] {
        let folder = if path == "app.py" { "clients.py" } else { "pkg/clients.py" };
        let app = format!("{import}\ns3.get_object(Bucket='b')\ntable().scan()\n");
        let found = scan(&[(path, &app), (folder, clients)]);
        assert_eq!(
            lines(&found),
            ["2 s3.GetObject: s3:GetObject on b", "3 dynamodb.Scan: dynamodb:Scan on t"],
            "{import}"
        );
    }
    let app = "import lib.clients\nfrom lib import clients as c\nlib.clients.s3.get_object()\nc.s3.put_object()\n";
    let found = scan(&[("app.py", app), ("lib/__init__.py", ""), ("lib/clients.py", clients)]);
    assert_eq!(lines(&found), ["3 s3.GetObject: s3:GetObject", "4 s3.PutObject: s3:PutObject"]);
    let app = "import clients\nclients.put(clients.s3)\n";
    let clients =
        "import boto3\ns3 = boto3.client('s3')\ndef put(client):\n    client.put_object()\n";
    let found = scan(&[("app.py", app), ("clients.py", clients)]);
    assert_eq!(lines(&found), ["4 s3.PutObject: s3:PutObject"]);
}

#[test]
fn a_syntax_error_is_told_at_its_line() {
    let why = "? there is a syntax error here, and what it calls may be missed";
    for (text, line) in [
        ("import boto3\n\ndef handler(e, c)\n    boto3.client('s3').get_object()\n", 3),
        ("import boto3\nx = 1\ny = (1,\nz = 2\n", 3),
        ("import boto3\n# one\nfor x in boto3\n    print(x)\n", 3),
        ("import boto3\n'''\nwords\n", 2),
        ("x = 1\nclass A:\n    def f(self):\n        return self.\n\nA()\n", 4),
    ] {
        let found = scan(&[("app.py", text)]);
        let found = lines(&found);
        assert!(found.contains(&format!("{line} {why}")), "{text}\n{found:?}");
    }
}
