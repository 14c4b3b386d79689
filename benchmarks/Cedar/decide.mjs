// Cedar's decision by the statements of Decisions.cs, in its own language: seven times three. Prints the microseconds of one decision, the least of
// many batches.
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';

const one = index => `
@id("dynamo${index}") permit (principal, action, resource is Table) when { context.service == "dynamodb" && resource.name == "x" };
@id("secret${index}") forbid (principal, action, resource is Object) when { context.service == "s3" && resource.bucket == "secret" };
@id("get${index}") permit (principal, action, resource is Object)
  when { context.service == "s3" && context.name like "Get*" && resource.bucket == "artifacts" && principal.team == "blue" };`;
const parsed = cedar.preparsePolicySet('seven', { staticPolicies: Array.from({ length: 7 }, (_, index) => one(index)).join('\n') });
if (parsed.type !== 'success') {
  throw new Error(JSON.stringify(parsed));
}

const principal = { type: 'Role', id: 'deploy' };
const resource = { type: 'Object', id: 'artifacts/builds/4711/log.txt' };
const call = {
  principal,
  action: { type: 'Action', id: 's3:GetObject' },
  resource,
  context: { service: 's3', name: 'GetObject' },
  preparsedPolicySetId: 'seven',
  entities: [
    { uid: principal, attrs: { team: 'blue' }, parents: [] },
    { uid: resource, attrs: { bucket: 'artifacts' }, parents: [] },
  ],
};
const decide = () => {
  const answer = cedar.statefulIsAuthorized(call);
  if (answer.type !== 'success' || answer.response.decision !== 'allow' || answer.response.diagnostics.errors.length > 0) {
    throw new Error(JSON.stringify(answer));
  }
};

let least = Infinity;
for (let batch = 0; batch < 200; batch++) {
  const start = process.hrtime.bigint();
  for (let round = 0; round < 200; round++) {
    decide();
  }

  least = Math.min(least, Number(process.hrtime.bigint() - start) / 200 / 1000);
}

console.log(least.toFixed(3));
