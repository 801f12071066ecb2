using DropIt.Runner.Search;

namespace DropIt.Runner.Tests.Search;

public sealed class GlobSpecs
{
    [Theory]
    [InlineData("*.ts", "src/a.ts", true)]
    [InlineData("*.ts", "src/a.tsx", false)]
    [InlineData("*.{ts,tsx}", "src/a.tsx", true)]
    [InlineData("src", "src/deep/a.ts", true)]
    [InlineData("src", "lib/src/a.ts", true)]
    [InlineData("src/", "src/a.ts", true)]
    [InlineData("/src", "lib/src/a.ts", false)]
    [InlineData("src/*.ts", "src/a.ts", true)]
    [InlineData("src/*.ts", "src/deep/a.ts", false)]
    [InlineData("src/**/*.ts", "src/a.ts", true)]
    [InlineData("src/**/*.ts", "src/x/y/a.ts", true)]
    [InlineData("**/test/**", "a/test/b.ts", true)]
    [InlineData("**/test/**", "a/test", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[!a-c]x", "bx", false)]
    [InlineData("[", "[", true)]
    [InlineData("a*b*c", "axxbyyc", true)]
    [InlineData("a*b*c", "axxbyy", false)]
    public void A_users_pattern_fits_what_they_mean(string pattern, string path, bool fits) =>
        Assert.Equal(fits, Glob.OfUser(pattern).Any(glob => glob.Fits(path)));

    [Fact]
    public void A_pattern_made_to_be_slow_is_not()
    {
        var glob = new Glob(string.Concat(Enumerable.Repeat("**/*a*a*a*a*b/", 60)) + "x");
        Assert.False(glob.Fits(string.Join('/', Enumerable.Repeat(new string('a', 200), 20))));
    }

    [Theory]
    [InlineData("*.log", "deep/a.log", false, true)]
    [InlineData("build/", "build", true, true)]
    [InlineData("build/", "build", false, false)]
    [InlineData("/build", "lib/build", true, false)]
    [InlineData("doc/*.txt", "doc/a.txt", false, true)]
    [InlineData("doc/*.txt", "doc/server/a.txt", false, false)]
    [InlineData("*.log\n!keep.log", "keep.log", false, false)]
    [InlineData("# *.txt\n\n\\#x", "#x", false, true)]
    [InlineData("foo/**", "foo/a", false, true)]
    [InlineData("a/**/b", "a/b", false, true)]
    public void Git_rules_mean_what_git_says(string rules, string path, bool folder, bool ignored) =>
        Assert.Equal(ignored, GitIgnore.Of(null, "", rules).Ignores(path, folder));

    [Fact]
    public void The_deepest_file_with_a_rule_that_fits_decides()
    {
        var rules = GitIgnore.Of(GitIgnore.Of(null, "", "*.log\n/only-root"), "sub", "!a.log\n/here");
        Assert.False(rules.Ignores("sub/a.log", folder: false));
        Assert.True(rules.Ignores("sub/b.log", folder: false));
        Assert.True(rules.Ignores("sub/here", folder: false));
        Assert.False(rules.Ignores("sub/deep/here", folder: false));
        Assert.False(rules.Ignores("sub/only-root", folder: false));
    }

    [Fact]
    public void A_file_is_found_best_by_its_own_name()
    {
        string[] paths = ["src/button/index.ts", "src/components/Button.tsx", "src/bus.ts", "src/about/button-group/theme.ts"];
        var best = paths.Where(path => FuzzyFind.Score(path, "button") is not null).OrderByDescending(path => FuzzyFind.Score(path, "button"));
        Assert.Equal("src/components/Button.tsx", best.First());
        Assert.DoesNotContain("src/bus.ts", best);
        Assert.True(FuzzyFind.Score("src/OpenFiles.ts", "of") > FuzzyFind.Score("src/roof.ts", "of"));
        Assert.True(FuzzyFind.Score("src/tabs/tabs.ts", "tabs") > FuzzyFind.Score("src/tabs/openFiles.ts", "tabs"));
    }
}
