using System.Text.Json.Serialization;

namespace DropIt.Storage.Access;

/// <summary>The body of an answer that is not a success.</summary>
/// <param name="Code">For programs.</param>
/// <param name="Message">For people: cause, then cure.</param>
/// <param name="Missing">Hashes of contents that were never sent.</param>
internal sealed record Refusal(string Code, string Message, IReadOnlyList<string>? Missing);

/// <summary>JSON of refusals.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Refusal))]
internal sealed partial class RefusalJson : JsonSerializerContext;
