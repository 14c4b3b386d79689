using StsServer.Seed;

namespace StsServer;

/// <summary>Says where the host listens and what to try.</summary>
internal static class Greeting
{
    internal static void Write(TextWriter output, IEnumerable<string> urls, ServerSettings settings, SeedDirectory seed)
    {
        var url = urls.First();
        output.WriteLine($"Security Token Service on {string.Join(", ", urls)}, accounts from {settings.Seed.Path}");
        if (settings.SignInAddress is { } address && seed.Document.Accounts.Any(account => !account.SamlProviders.IsEmpty))
        {
            output.WriteLine($"SAML providers sign people in at {address}, for the audience urn:amazon:webservices");
        }

        output.WriteLine();
        output.WriteLine($"  export AWS_ENDPOINT_URL_STS={url} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1");
        if (!settings.IsShippedSeed)
        {
            output.WriteLine("  aws sts get-caller-identity");
            output.WriteLine($"  curl --aws-sigv4 aws:amz:us-east-1:{WhoAmI.Service} --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" {url}/whoami");
            return;
        }

        // The shipped keys are published with the source and open nothing but this sample.
        var alice = seed.Document.Accounts.SelectMany(account => account.AccessKeys).First(key => key.UserName == "alice").Key!;
        output.WriteLine($"  export AWS_ACCESS_KEY_ID={alice.Id} AWS_SECRET_ACCESS_KEY={alice.Secret.Reveal()}");
        output.WriteLine("  aws sts get-caller-identity");
        output.WriteLine("  aws sts assume-role --role-arn arn:aws:iam::444455556666:role/ci/deploy --role-session-name try");
        output.WriteLine(
            "  aws sts assume-role --role-arn arn:aws:iam::444455556666:role/partner --role-session-name try --external-id example-7f3c");
        output.WriteLine(
            "  aws sts assume-root --target-principal 444455556666 --task-policy-arn arn=arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy");
        if (settings.PublicAddress is { } issuer)
        {
            output.WriteLine("  aws sts get-web-identity-token --audience https://api.example --signing-algorithm ES384");
            output.WriteLine($"  curl {issuer}/111122223333/.well-known/openid-configuration");
        }

        output.WriteLine($"  curl --aws-sigv4 aws:amz:us-east-1:{WhoAmI.Service} --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" {url}/whoami");
        output.WriteLine();
        output.WriteLine("With the credentials that assume-role gives, curl also takes -H \"x-amz-security-token: $AWS_SESSION_TOKEN\".");
        output.WriteLine("bob's key is in the seed file too; he may not assume either role.");
    }
}
