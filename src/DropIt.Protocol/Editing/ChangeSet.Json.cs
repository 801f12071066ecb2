using System.Globalization;
using System.Text;

namespace DropIt.Protocol.Editing;

/// <content>
/// CodeMirror's JSON form: a number keeps so many units, <c>[length]</c> removes, <c>[length, "line", "line"]</c> replaces by lines
/// joined with line feeds. Read and written here by hand, because System.Text.Json cannot say a lone surrogate.
/// </content>
public sealed partial class ChangeSet
{
    /// <summary>The JSON form, as <c>JSON.stringify</c> writes it.</summary>
    public string ToJson()
    {
        var json = new StringBuilder("[");
        foreach (var section in Sections)
        {
            json.Append(json.Length > 1 ? "," : "");
            if (section.Insert == Section.Kept)
            {
                json.Append(CultureInfo.InvariantCulture, $"{section.Length}");
                continue;
            }

            json.Append(CultureInfo.InvariantCulture, $"[{section.Length}");
            if (section.Insert > 0)
            {
                foreach (var line in section.Text.Split('\n'))
                {
                    json.Append(',');
                    JsonText.Write(json, line);
                }
            }

            json.Append(']');
        }

        return json.Append(']').ToString();
    }

    /// <summary>Reads the JSON form.</summary>
    /// <returns>False when it is not one, or its lengths are negative or too large.</returns>
    public static bool TryFromJson(string json, out ChangeSet changes)
    {
        changes = Empty(0);
        var reader = new JsonText(json);
        var sections = new SectionList(keepsText: true);
        long total = 0;
        if (!reader.Take('['))
        {
            return false;
        }

        for (var first = true; !reader.Take(']'); first = false)
        {
            if (!first && !reader.Take(','))
            {
                return false;
            }

            if (!TryReadSection(ref reader, out var section))
            {
                return false;
            }

            total += Math.Max(section.Length, section.NewLength);
            if (total > int.MaxValue)
            {
                return false;
            }

            if (section.Insert == Section.Kept)
            {
                sections.Keep(section.Length);
            }
            else
            {
                sections.Replace(section.Length, section.Insert, section.Text);
            }
        }

        changes = new ChangeSet(sections.ToArray());
        return reader.AtEnd;
    }

    private static bool TryReadSection(ref JsonText reader, out Section section)
    {
        section = default;
        if (!reader.Take('['))
        {
            var isNumber = reader.TryNumber(out var kept);
            section = new Section(kept, Section.Kept, "");
            return isNumber;
        }

        if (!reader.TryNumber(out var length))
        {
            return false;
        }

        var lines = new List<string>();
        while (!reader.Take(']'))
        {
            if (!reader.Take(',') || !reader.TryString(out var line))
            {
                return false;
            }

            lines.Add(line);
        }

        var text = string.Join('\n', lines);
        section = new Section(length, text.Length, text);
        return true;
    }
}
