using System.Security.Cryptography;
using System.Text;
using DropIt.Protocol.Workspaces;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Variables;

/// <summary>
/// Seals values with Data Protection before they reach the database. What was sealed for one name of one workspace opens for no other: a row that is copied
/// there is worth nothing.
/// </summary>
internal sealed class VariableSeal(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("drop.it variables");

    /// <summary>A row with the value sealed.</summary>
    public Variable Close(Slug slug, string name, string value, bool secret) => new()
    {
        Slug = slug.Value,
        Name = name,
        Secret = secret,
        Sealed = For(slug.Value, name).Protect(Encoding.UTF8.GetBytes(value)),
        Length = Variable.LengthOf(name, value),
    };

    /// <summary>The value; null when it was sealed with a key that is not here (any more).</summary>
    public string? Open(Variable row)
    {
        try
        {
            return Encoding.UTF8.GetString(For(row.Slug, row.Name).Unprotect(row.Sealed));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private IDataProtector For(string slug, string name) => _protector.CreateProtector(slug, name);
}

/// <summary>Variables for another workspace.</summary>
internal static class VariableCopies
{
    /// <summary>Those of one workspace that are no secrets, sealed for another.</summary>
    public static async Task<IReadOnlyList<Variable>> PlainAsync(
        this IQueryable<Variable> all, VariableSeal seal, Slug from, Slug to, CancellationToken cancel)
    {
        var slug = from.Value;
        var rows = await all.AsNoTracking().Where(v => v.Slug == slug && !v.Secret).ToListAsync(cancel);
        return [.. rows.Select(v => (v.Name, Value: seal.Open(v))).Where(v => v.Value is not null).Select(v => seal.Close(to, v.Name, v.Value!, secret: false))];
    }
}
