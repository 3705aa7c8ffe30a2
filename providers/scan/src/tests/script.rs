//! Version 3 of the AWS SDK in JavaScript and TypeScript.

use super::*;

#[track_caller]
fn js(text: &str, wanted: &[&str]) {
    finds("index.mjs", text, wanted);
}

#[track_caller]
fn ts(text: &str, wanted: &[&str]) {
    finds("index.ts", text, wanted);
}

#[test]
fn commands_are_followed_from_every_kind_of_import() {
    let wanted = &["3 s3.GetObject: s3:GetObject on b"];
    for import in [
        "import { S3Client, GetObjectCommand as G } from '@aws-sdk/client-s3';",
        "import * as s3ns from \"@aws-sdk/client-s3\"; const { S3Client, GetObjectCommand: G } = s3ns;",
        "const { S3Client, GetObjectCommand: G } = require('@aws-sdk/client-s3');",
        "const S3Client = require('@aws-sdk/client-s3').S3Client, G = require('@aws-sdk/client-s3').GetObjectCommand;",
        "const { S3Client, GetObjectCommand: G } = await import('@aws-sdk/client-s3');",
        "import aws = require('@aws-sdk/client-s3'); const S3Client = aws.S3Client, G = aws.GetObjectCommand;",
    ] {
        let text = format!(
            "{import}\nconst s3 = new S3Client({{}});\nawait s3.send(new G({{ Bucket: 'b', Key: 'k' }}));"
        );
        if import.contains("= require('@aws-sdk/client-s3'); const S3") {
            ts(&text, wanted);
        } else {
            js(&text, wanted);
            ts(&text, wanted);
            finds("index.tsx", &text, wanted);
            finds("index.cjs", &text, wanted);
        }
    }
}

#[test]
fn clients_with_methods_and_libraries_are_known() {
    js(
        "import { S3 } from '@aws-sdk/client-s3';\nconst s3 = new S3();\nawait s3.getObject({ Bucket: 'b' });\nawait s3.listObjectsV2({ Bucket: process.env.B });\ns3.notThere();\n",
        &[
            "3 s3.GetObject: s3:GetObject on b",
            "4 s3.ListObjectsV2: s3:ListBucket on $B",
            "5 ? what `notThere` asks of s3 is not known",
        ],
    );
    js(
        "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';\nimport { DynamoDBDocumentClient, GetCommand, DynamoDBDocument, paginateQuery } from '@aws-sdk/lib-dynamodb';\nconst doc = DynamoDBDocumentClient.from(new DynamoDBClient());\ndoc.send(new GetCommand({ TableName: 't' }));\nDynamoDBDocument.from(new DynamoDBClient()).put({ TableName: 't' });\nfor await (const p of paginateQuery({ client: doc }, { TableName: 't' })) {}\n",
        &[
            "4 dynamodb.GetItem: dynamodb:GetItem on t",
            "5 dynamodb.PutItem: dynamodb:PutItem on t",
            "6 dynamodb.Query: dynamodb:Query on t",
        ],
    );
    js(
        "import { Upload } from '@aws-sdk/lib-storage';\nimport { S3Client, PutObjectCommand, paginateListObjectsV2, waitUntilBucketExists, CopyObjectCommand } from '@aws-sdk/client-s3';\nimport { getSignedUrl } from '@aws-sdk/s3-request-presigner';\nconst client = new S3Client({});\nnew Upload({ client, params: { Bucket: 'b' } }).done();\ngetSignedUrl(client, new PutObjectCommand({ Bucket: 'b' }));\nfor await (const p of paginateListObjectsV2({ client }, { Bucket: 'b' })) {}\nawait waitUntilBucketExists({ client, maxWaitTime: 9 }, { Bucket: 'b' });\nclient.send(new CopyObjectCommand({ Bucket: 'b', CopySource: 'a/k' }));\n",
        &[
            "5 s3.PutObject: s3:PutObject on b",
            "6 s3.PutObject: s3:PutObject on b",
            "7 s3.ListObjectsV2: s3:ListBucket on b",
            "8 s3.HeadBucket: s3:ListBucket on b",
            "9 s3.CopyObject: s3:GetObject on a",
            "9 s3.CopyObject: s3:PutObject on b",
        ],
    );
    js(
        "import { SecretsManagerClient, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';\nimport { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';\nimport { EventBridge } from '@aws-sdk/client-eventbridge';\nnew SecretsManagerClient().send(new GetSecretValueCommand({ SecretId: 's' }));\nnew SFNClient().send(new StartExecutionCommand({ stateMachineArn: process.env['M'] }));\nnew EventBridge({}).putEvents({});\n",
        &[
            "4 secretsmanager.GetSecretValue: secretsmanager:GetSecretValue on s",
            "5 stepfunctions.StartExecution: states:StartExecution on $M",
            "6 events.PutEvents: events:PutEvents",
        ],
    );
}

#[test]
fn clients_are_followed_through_functions_classes_and_types() {
    ts(
        "import { S3 } from '@aws-sdk/client-s3';\nclass Store {\n  private s3 = new S3({});\n  constructor(private readonly other: S3, bucket = 'b') { this.bucket = bucket; }\n  async get(): Promise<void> { await this.s3.getObject({ Bucket: this.bucket }); }\n  put() { return this.other.putObject({ Bucket: 'c' } as any); }\n}\nfunction del(s3: S3) { return s3.deleteObject({ Bucket: process.env.B! }); }\n",
        &[
            "5 s3.GetObject: s3:GetObject on b",
            "6 s3.PutObject: s3:PutObject on c",
            "8 s3.DeleteObject: s3:DeleteObject on $B",
        ],
    );
    js(
        "import { SQS } from '@aws-sdk/client-sqs';\nlet client;\nconst get = () => (client ??= new SQS());\nexport const handler = async () => { await get().sendMessage({ QueueUrl: Q }); };\nconst { Q } = process.env;\n",
        &["4 sqs.SendMessage: sqs:SendMessage on $Q"],
    );
    js(
        "import { SQS } from '@aws-sdk/client-sqs';\nfunction send(sqs, url = process.env.U ?? 'x') { return sqs.sendMessage({ QueueUrl: url }); }\nsend(new SQS());\nconst args = { QueueUrl: 'a' };\nnew SQS().deleteMessage({ ...args });\n",
        &[
            "2 sqs.SendMessage: sqs:SendMessage on $U",
            "5 sqs.DeleteMessage: sqs:DeleteMessage on a",
        ],
    );
}

#[test]
fn imports_between_files_are_followed() {
    let calls = "const r = s3.getObject({ Bucket: 'b' });\n";
    for (import, clients) in [
        (
            "import { s3 } from './clients.mjs';",
            "import { S3 } from '@aws-sdk/client-s3';\nexport const s3 = new S3();",
        ),
        (
            "import s3 from './clients.mjs';",
            "import { S3 } from '@aws-sdk/client-s3';\nexport default new S3();",
        ),
        (
            "import * as c from './clients';const s3 = c.make();",
            "import { S3 } from '@aws-sdk/client-s3';\nexport function make() { return new S3(); }",
        ),
        (
            "const { s3 } = require('./clients');",
            "const { S3 } = require('@aws-sdk/client-s3');\nmodule.exports = { s3: new S3() };",
        ),
        (
            "const { s3 } = require('./clients');",
            "const { S3 } = require('@aws-sdk/client-s3');\nexports.s3 = new S3();",
        ),
        (
            "import { t as s3 } from './clients.mjs';",
            "import { S3 } from '@aws-sdk/client-s3';\nconst s = new S3();\nexport { s as t };",
        ),
    ] {
        let app = format!("{import}\n{calls}");
        let found = scan(&[("index.mjs", &app), ("clients.mjs", clients)]);
        assert_eq!(lines(&found), ["2 s3.GetObject: s3:GetObject on b"], "{import}\n{clients}");
    }
    let found = scan(&[
        ("src/index.ts", "import { s3 } from './lib';\ns3.getObject({});"),
        ("src/lib/index.ts", "export * from './clients.js';"),
        (
            "src/lib/clients.ts",
            "import { S3 } from '@aws-sdk/client-s3';\nexport const s3 = new S3();",
        ),
    ]);
    assert_eq!(lines(&found), ["2 s3.GetObject: s3:GetObject"]);
}

#[test]
fn names_alone_mean_nothing() {
    js("class GetObjectCommand {}\nnew GetObjectCommand({ Bucket: 'b' });\n", &[]);
    js("import { GetObjectCommand } from './mine.mjs';\nnew GetObjectCommand();\n", &[]);
    js(
        "import { S3 } from '@aws-sdk/client-s3';\nconst s3 = new S3();\nfunction f(s3) { s3.getObject(); }\n{ const s3 = new Map(); s3.getObject(); }\n",
        &[],
    );
    js(
        "import { S3 } from '@aws-sdk/client-s3';\n// new S3().getObject()\nconst a = \"new S3().getObject()\", b = `new S3().getObject()`;\nmap.get('k'); list.delete('k');\n",
        &[],
    );
    ts(
        "import type { S3 } from '@aws-sdk/client-s3';\ninterface GetObject { getObject(): void }\n",
        &[],
    );
}

#[test]
fn what_cannot_be_followed_is_said() {
    js(
        "import * as s3 from '@aws-sdk/client-s3';\nnew s3[name]({});\n",
        &["2 ? the command is chosen while the function runs"],
    );
    js(
        "const AWS = require('aws-sdk');\nnew AWS.S3().getObject({});\n",
        &["1 ? version 2 of the AWS SDK for JavaScript is not followed"],
    );
    js(
        "import { S3 } from '@aws-sdk/client-s3';\nnew S3().getObject({});\nfunction ( {{\n",
        &[
            "2 s3.GetObject: s3:GetObject",
            "3 ? there is a syntax error here, and what it calls may be missed",
        ],
    );
}

#[test]
fn modules_loaded_by_their_names_are_followed() {
    let wanted = &["2 s3.DeleteObject: s3:DeleteObject on b"];
    for import in [
        "const { S3Client, ...rest } = require(\"@aws-sdk/client-s3\");",
        "const m = \"@aws-sdk/client-s3\"; const rest = require(m);",
        "const m = \"@aws-sdk/client-s3\"; const rest = await import(m);",
        "import { createRequire } from 'node:module'; const load = createRequire(import.meta.url); const rest = load('@aws-sdk/client-s3');",
        "const { ...rest } = await import(`@aws-sdk/client-s3`);",
    ] {
        js(&format!("{import}\nnew rest.DeleteObjectCommand({{ Bucket: 'b' }});"), wanted);
    }
    let chosen = "1 ? which module is loaded is chosen while the function runs";
    js("const { S3 } = require(\"@aws-sdk/client-\" + x); new S3().getObject();", &[chosen]);
    js("const { S3 } = await import(`@aws-sdk/client-${x}`); new S3().getObject();", &[chosen]);
    js("const fs = require('fs'), { x } = await import('other'); fs.read(x);", &[]);
}

#[test]
fn what_goes_where_it_is_not_followed_is_said() {
    let import = "import { S3, S3Client, GetObjectCommand } from '@aws-sdk/client-s3';\nconst s3 = new S3();\n";
    let lost = "a client of s3 goes to where it is not followed";
    for (line, why) in [
        ("new Map([['s3', s3]]).get('s3').getObject();", lost),
        ("for (const [k, c] of Object.entries({ s3 })) c.getObject();", lost),
        ("[s3].map((c) => c.getObject());", lost),
        ("const c = {}; c.s3 = s3; c.s3.getObject();", lost),
        ("const c = {}; c[name] = s3; c[name].getObject();", lost),
        ("const c = memoize(() => new S3()); c().getObject();", lost),
        ("new Store({ client: new S3Client() }).save();", lost),
        (
            "class A { *[Symbol.iterator]() { yield s3; } }\nfor (const c of new A()) c.getObject();",
            lost,
        ),
        ("const f = function () { this.c.getObject(); }.bind({ c: s3 }); f();", lost),
        ("s3[name]({});", "what is asked of s3 is chosen while the function runs"),
        (
            "Reflect.construct(GetObjectCommand, []);",
            "GetObject of s3 goes to where it is not followed",
        ),
        (
            "import('@aws-sdk/client-s3').then((m) => new m.S3().putObject());",
            "the module @aws-sdk/client-s3 goes to where it is not followed",
        ),
        ("eval(code);", "it runs code that is chosen while the function runs"),
        ("new Function(code)();", "it runs code that is chosen while the function runs"),
        (
            "new (require('@aws-sdk/client-none').None)();",
            "the service of @aws-sdk/client-none is not known",
        ),
    ] {
        let found = scan(&[("index.mjs", &format!("{import}{line}\n"))]);
        let whys: Vec<&str> = found.unresolved.iter().map(|one| one.why.as_str()).collect();
        assert_eq!((whys, found.calls.len()), (vec![why], 0), "{line}");
        assert_eq!(found.unresolved[0].place.line, 3, "{line}");
    }
}

#[test]
fn what_is_followed_to_its_end_is_not_said() {
    js(
        "import * as all from '@aws-sdk/client-s3';\nconst { [name]: Command } = all;\nnew Command({});\nconst clients = { get s3() { return new all.S3(); } };\nclients.s3.getObject({});\n",
        &["5 s3.GetObject: s3:GetObject", "3 ? the command is chosen while the function runs"],
    );
    ts(
        "import { S3 } from '@aws-sdk/client-s3';\nconst s3 = <any>new S3();\ns3.getObject({});\n",
        &["3 s3.GetObject: s3:GetObject"],
    );
    js(
        "import { S3, S3Client, GetObjectCommand } from '@aws-sdk/client-s3';\nimport { getSignedUrl } from '@aws-sdk/s3-request-presigner';\nimport { Tracer } from '@aws-lambda-powertools/tracer';\nconst client = new S3Client({ region: process.env.AWS_REGION });\nconst traced = new Tracer().captureAWSv3Client(new S3());\nconst [first, ...rest] = [1, traced];\nexport const handler = middy(async (event) => {\n  console.log(client, event);\n  rest[0].putObject({});\n  client.middlewareStack.add(() => 1);\n  return getSignedUrl(client, new GetObjectCommand({}), { expiresIn: 1 });\n});\nmodule.exports.s3 = client;\n",
        &["9 s3.PutObject: s3:PutObject", "11 s3.GetObject: s3:GetObject"],
    );
}
