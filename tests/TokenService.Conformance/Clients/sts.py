"""Calls the token service for the tests: one JSON object a line in, one out. Nothing is set but endpoint, region and credentials."""
import json
import sys
import urllib.error
import urllib.request

import boto3
import botocore
import botocore.auth
import botocore.awsrequest
import botocore.exceptions

ENDPOINT = sys.argv[1]
REGION = "us-east-1"


def session(keys):
    return boto3.Session(
        aws_access_key_id=keys["accessKeyId"],
        aws_secret_access_key=keys["secretAccessKey"],
        aws_session_token=keys.get("sessionToken"),
        region_name=REGION,
    )


def resource(request):
    signed = botocore.awsrequest.AWSRequest("GET", ENDPOINT + request["parameters"]["path"])
    keys = session(request["credentials"]).get_credentials().get_frozen_credentials()
    botocore.auth.SigV4Auth(keys, request["parameters"]["service"], REGION).add_auth(signed)
    try:
        with urllib.request.urlopen(urllib.request.Request(signed.url, headers=dict(signed.headers))) as answer:
            return {"result": {"text": answer.read().decode()}, "status": answer.status}
    except urllib.error.HTTPError as error:
        return {"result": {"text": error.read().decode()}, "status": error.code}


def call(request):
    if request["operation"] == "Resource":
        return resource(request)
    client = session(request["credentials"]).client("sts", endpoint_url=ENDPOINT)
    try:
        result = getattr(client, botocore.xform_name(request["operation"]))(**request["parameters"])
        metadata = result.pop("ResponseMetadata")
        return {"result": result, "status": metadata["HTTPStatusCode"], "requestId": metadata["RequestId"]}
    except botocore.exceptions.ClientError as error:
        answer = error.response
        metadata = answer["ResponseMetadata"]
        return {
            "error": answer["Error"]["Code"],
            "message": answer["Error"].get("Message"),
            "status": metadata["HTTPStatusCode"],
            "requestId": metadata["RequestId"],
        }


for line in sys.stdin:
    print(json.dumps(call(json.loads(line)), default=lambda value: value.isoformat()), flush=True)
