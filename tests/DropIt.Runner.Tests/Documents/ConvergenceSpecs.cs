using DropIt.Protocol.Editing;
using DropIt.Runner.Documents;

namespace DropIt.Runner.Tests.Documents;

/// <summary>Several editors and a program in one file, over wires that break, in a runner that is killed.</summary>
public sealed class ConvergenceSpecs(ITestOutputHelper output)
{
    private const string Name = "shared.txt";

    [Fact]
    public void Everyone_ends_with_the_same_text_and_every_character_typed_is_in_it_once()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("DROPIT_SEED") ?? $"{Random.Shared.Next(1 << 30)}", null);
        output.WriteLine($"seed {seed}");
        for (var round = 0; round < 60; round++)
        {
            using var desk = new Desk();
            new Story(desk, new Random(seed + round), $"seed {seed}, round {round}").Run();
        }
    }

    /// <summary>Every letter is typed once and never deleted; dots and line feeds come and go.</summary>
    private sealed class Story
    {
        private readonly Desk _desk;
        private readonly Random _random;
        private readonly string _name;
        private readonly List<EditorTwin> _editors;
        private char _letter = '\u4e00';

        public Story(Desk desk, Random random, string name)
        {
            (_desk, _random, _name) = (desk, random, name);
            desk.Write(Name, random.Next(3) == 0 ? "" : "first.line\nsecond...line\n");
            _editors = [.. Enumerable.Range(1, 1 + random.Next(4)).Select(i => new EditorTwin($"client0{i}"))];
        }

        public void Run()
        {
            for (var step = 0; step < 250; step++)
            {
                Step(_editors[_random.Next(_editors.Count)]);
            }

            foreach (var editor in _editors.Where(editor => !editor.Connected))
            {
                editor.Connect(_desk.Documents, Name);
            }

            _desk.Documents.FileChanged(Name);
            for (var i = 0; i < 3; i++)
            {
                _editors.ForEach(editor => editor.Settle());
                _desk.Wait(1000);
            }

            var onDisk = _desk.Read(Name);
            foreach (var editor in _editors)
            {
                Assert.True(editor.Unconfirmed == 0, $"{_name}: {editor.Client} has {editor.Unconfirmed} unconfirmed");
                Assert.True(editor.Text == onDisk, $"{_name}: {editor.Client} has\n{editor.Text}\non disk is\n{onDisk}");
                Assert.Equal(editor.Version, editor.Saved);
            }

            for (var letter = '\u4e00'; letter < _letter; letter++)
            {
                Assert.True(onDisk.Count(c => c == letter) == 1, $"{_name}: letter {letter - '\u4e00'} of {_letter - '\u4e00'} is {onDisk.Count(c => c == letter)} times in\n{onDisk}");
            }

            Assert.Empty(Directory.EnumerateFiles(_desk.Root, ".dropit-*"));
        }

        private void Step(EditorTwin editor)
        {
            switch (_random.Next(24))
            {
                case < 8:
                    editor.Edit(Changes(editor.Text));
                    break;
                case < 11:
                    editor.Push();
                    break;
                case < 14:
                    editor.Deliver();
                    break;
                case < 18:
                    editor.Receive();
                    break;
                case 18 when !editor.Connected:
                    editor.Connect(_desk.Documents, Name);
                    break;
                case 18 when _random.Next(3) == 0:
                    editor.Disconnect();
                    break;
                case 19:
                    _desk.Wait(_random.Next(60));
                    break;
                case 20:
                    WriteFile();
                    if (_random.Next(2) == 0)
                    {
                        _desk.Documents.FileChanged(Name);
                    }

                    break;
                case 21 when _random.Next(4) == 0:
                    Kill();
                    break;
                case 22:
                    _desk.Documents.FileChanged(Name);
                    break;
                case 23 when _random.Next(6) == 0:
                    _editors.ForEach(each => each.Disconnect());
                    _desk.Documents.Stop();
                    break;
            }
        }

        /// <summary>The log may have lost the word that a save is done, or end in a record that was being written.</summary>
        private void Kill()
        {
            _editors.ForEach(editor => editor.Disconnect());
            _desk.Kill(() =>
            {
                foreach (var log in _desk.Logs())
                {
                    var bytes = File.ReadAllBytes(log);
                    var records = LogRecords.Read(bytes, out _);
                    if (records[^1] is LogRecord.Saved && _random.Next(2) == 0)
                    {
                        bytes = bytes[..^(8 + 1 + 1 + 64)];
                        Assert.Equal(records.Count - 1, LogRecords.Read(bytes, out var length).Count);
                        Assert.Equal(bytes.Length, length);
                    }

                    if (_random.Next(3) == 0)
                    {
                        bytes = [.. bytes, .. new byte[] { 40, 0, 0, 0, 1, 2, 3, 4, 5, 6 }];
                    }

                    File.WriteAllBytes(log, bytes);
                }

                if (_random.Next(3) == 0)
                {
                    WriteFile();
                }
            });
        }

        private void WriteFile()
        {
            var text = _desk.Read(Name);
            var changed = Changes(text).Apply(text);
            if (_random.Next(2) == 0)
            {
                File.WriteAllText(_desk.Full(Name), changed);
                return;
            }

            File.WriteAllText(_desk.Full("other.tmp"), changed);
            File.Move(_desk.Full("other.tmp"), _desk.Full(Name), overwrite: true);
        }

        private ChangeSet Changes(string text)
        {
            var at = _random.Next(text.Length + 1);
            var end = at;
            while (end < text.Length && end - at < 5 && text[end] is '.' or '\n')
            {
                end++;
            }

            if (_random.Next(3) > 0)
            {
                end = at;
            }

            var insert = _random.Next(4) switch
            {
                0 => "",
                1 => $"{_letter++}",
                2 => $".{_letter++}\n",
                _ => $"{_letter++}..{_letter++}",
            };
            return ChangeSet.Replace(text.Length, at, end, insert);
        }
    }
}
