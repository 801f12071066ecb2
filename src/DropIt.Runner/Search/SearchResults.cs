using System.Text.Json.Serialization;

namespace DropIt.Runner.Search;

/// <summary>A match as the page shows it; docs/protocol.md, "Search".</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units.</param>
/// <param name="Length">In UTF-16 units.</param>
/// <param name="Text">The line, or what of it is near the match.</param>
/// <param name="At">Where the match begins in <paramref name="Text"/>.</param>
/// <param name="Replacement">What would come instead.</param>
internal sealed record SearchMatch(int Line, int Column, int Length, string Text, int At, string? Replacement);

/// <summary>The matches in one file.</summary>
/// <param name="Path">In the workspace.</param>
/// <param name="Matches">At most <see cref="SearchRun.MaxPerFile"/>.</param>
/// <param name="More">There are more.</param>
internal sealed record FileMatches(string Path, IReadOnlyList<SearchMatch> Matches, bool More);

/// <summary>The event <c>search</c>.</summary>
internal sealed record SearchEvent(string Event, long Search, IReadOnlyList<FileMatches> Files);

/// <summary>What a search came to.</summary>
/// <param name="Files">With a match.</param>
/// <param name="Matches">In all.</param>
/// <param name="Searched">Files looked into.</param>
/// <param name="Binary">Files that are no text.</param>
/// <param name="TooLarge">Files over 5 MB: some of their paths.</param>
/// <param name="TooLargeCount">How many.</param>
/// <param name="Slow">Files given up because a line took too long.</param>
/// <param name="Stopped">Why it ended early: <c>matches</c> (there are more than are shown), <c>time</c>, <c>slow</c>, <c>cancelled</c>; null when it did not.</param>
internal sealed record SearchSummary(
    int Files, int Matches, int Searched, int Binary, IReadOnlyList<string> TooLarge, int TooLargeCount, int Slow, string? Stopped);

/// <summary>What a replacement came to, or its undo.</summary>
/// <param name="Files">That were changed.</param>
/// <param name="Matches">That were replaced.</param>
/// <param name="Undo">Names it for <c>search.undo</c>; null when it cannot be taken back as a whole.</param>
/// <param name="Failed">Files that could not be changed: some of them, with why.</param>
/// <param name="FailedCount">How many.</param>
internal sealed record ReplaceResult(int Files, int Matches, long? Undo, IReadOnlyList<FailedFile> Failed, int FailedCount);

/// <summary>A file that could not be changed.</summary>
internal sealed record FailedFile(string Path, string Message);

/// <summary>JSON of the <c>search.*</c> requests, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SearchEvent))]
[JsonSerializable(typeof(SearchSummary))]
[JsonSerializable(typeof(ReplaceResult))]
internal sealed partial class SearchJson : JsonSerializerContext;
