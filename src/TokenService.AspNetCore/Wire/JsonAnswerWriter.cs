using System.Buffers;
using System.Text.Json;
using NodaTime;

namespace TokenService.AspNetCore;

/// <summary>Answers in JSON with the structure of the XML, and times as seconds since 1970, for clients that accept only that.</summary>
/// <remarks>The live service does the same without documenting it; reference 2.2.</remarks>
internal sealed class JsonAnswerWriter : AnswerWriter, IDisposable
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1024);
    private readonly Utf8JsonWriter _json;

    internal JsonAnswerWriter()
    {
        _json = new Utf8JsonWriter(_bytes);
        _json.WriteStartObject();
    }

    internal override string ContentType => "application/json";

    internal override void Open(string name) => _json.WriteStartObject(name);

    internal override void Close() => _json.WriteEndObject();

    internal override void Text(string name, string value) => _json.WriteString(name, Legible(value));

    internal override void Number(string name, long value) => _json.WriteNumber(name, value);

    internal override void Time(string name, Instant value) => _json.WriteNumber(name, value.ToUnixTimeSeconds());

    internal override ReadOnlyMemory<byte> Complete()
    {
        _json.WriteEndObject();
        _json.Flush();
        return _bytes.WrittenMemory;
    }

    public void Dispose() => _json.Dispose();
}
