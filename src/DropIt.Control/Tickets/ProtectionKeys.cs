using System.Text;
using System.Xml.Linq;
using DropIt.Control.Database;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DropIt.Control.Tickets;

/// <summary>
/// Where ASP.NET's Data Protection keeps its keys: in the database where several servers share one, else in a folder of the data folder; in both sealed with
/// the secret of <c>--key-file</c>.
/// </summary>
internal static class ProtectionKeys
{
    /// <summary>Puts Data Protection into the services. Its keys are made or read when they are first used: a server that protects nothing has none.</summary>
    public static void AddProtectionKeys(this IServiceCollection services, ControlOptions options)
    {
        var file = options.Postgres?.KeyFile ?? Path.Combine(options.DataFolder, "secret.key");
        services.AddSingleton(_ => new KeySeal(new Seal(file, "drop.it protection keys")));
        services.AddDataProtection().SetApplicationName("drop.it");

        // What reads the keys ahead of their use would ask for a database that is not there yet.
        services.Remove(services.Last(s => s.ServiceType == typeof(IHostedService)));
        services.AddOptions<KeyManagementOptions>().Configure<KeySeal, ControlDatabase>((keys, seal, database) =>
        {
            keys.XmlEncryptor = new SealingEncryptor(seal);
            keys.XmlRepository = options.Postgres is null
                ? new FileSystemXmlRepository(Directory.CreateDirectory(Path.Combine(options.DataFolder, "keys")), Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance)
                : new DatabaseKeys(database);
        });
    }
}

/// <summary>The seal of the protection keys.</summary>
internal sealed record KeySeal(Seal Seal);

/// <summary>Seals a key before it is kept.</summary>
internal sealed class SealingEncryptor(KeySeal seal) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(
        new XElement("sealed", Convert.ToBase64String(seal.Seal.Close(Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting))))),
        typeof(SealingDecryptor));
}

/// <summary>Opens it again; made by the framework, by the name that is kept beside the key.</summary>
internal sealed class SealingDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) => XElement.Parse(
        Encoding.UTF8.GetString(services.GetRequiredService<KeySeal>().Seal.Open(Convert.FromBase64String(encryptedElement.Value))));
}

/// <summary>Keys as rows, beside the one that signs tickets.</summary>
internal sealed class DatabaseKeys(ControlDatabase database) : IXmlRepository
{
    // With the key's own name at most the 40 characters of a row's.
    private const string Prefix = "key-";

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var context = (PostgresContext)database.Open();
        return [.. context.SealedKeys.Where(k => k.Name.StartsWith(Prefix)).Select(k => k.Sealed).AsEnumerable().Select(xml => XElement.Parse(Encoding.UTF8.GetString(xml)))];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var context = (PostgresContext)database.Open();
        context.SealedKeys.Add(new SealedKey { Name = friendlyName, Sealed = Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting)) });
        context.SaveChanges();
    }
}
