"""A response of pysaml2: what it shall say on standard input, in JSON, and the response in base64 on standard output."""
import base64
import json
import sys

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.attribute_converter import AttributeConverter
from saml2.config import IdPConfig
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NAME_FORMAT_URI, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

request = json.load(sys.stdin)
key_descriptor = (
    '<md:KeyDescriptor use="encryption"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>'
    % request["recipientCertificate"]
    if "recipientCertificate" in request
    else ""
)
service = (
    '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="%s">'
    '<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">%s'
    '<md:AssertionConsumerService index="0" Binding="%s" Location="%s"/></md:SPSSODescriptor></md:EntityDescriptor>'
    % (request["audience"], key_descriptor, BINDING_HTTP_POST, request["recipient"])
)
configuration = IdPConfig().load(
    {
        "entityid": request["issuer"],
        "key_file": request["keyFile"],
        "cert_file": request["certificateFile"],
        "xmlsec_binary": request["xmlsec"],
        "metadata": {"inline": [service]},
        "service": {
            "idp": {
                "endpoints": {"single_sign_on_service": [("https://idp.example/sso", BINDING_HTTP_REDIRECT)]},
                "policy": {"default": {"lifetime": {"minutes": 4}, "name_form": NAME_FORMAT_URI}},
            }
        },
    }
)
names = AttributeConverter(NAME_FORMAT_URI)
names.from_dict({"identifier": NAME_FORMAT_URI, "to": {name: name for name in request["attributes"]}})
names.adjust()
server = Server(config=configuration)
server.config.attribute_converters = [names]
response = server.create_authn_response(
    request["attributes"],
    None,
    request["recipient"],
    request["audience"],
    name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text=request["subject"]),
    authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"},
    sign_assertion=request["signAssertion"],
    sign_response=request["signResponse"],
    encrypt_assertion="recipientCertificate" in request,
    encrypt_assertion_self_contained=True,
    sign_alg=SIG_RSA_SHA256,
    digest_alg=DIGEST_SHA256,
)
print(base64.b64encode(str(response).encode()).decode())
