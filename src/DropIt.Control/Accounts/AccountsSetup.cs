using DropIt.Control.Database;
using DropIt.Control.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DropIt.Control.Accounts;

/// <summary>Accounts: Identity keeps passwords and passkeys, <see cref="Sessions"/> keeps who is signed in.</summary>
internal static class AccountsSetup
{
    /// <summary>What accounts need. Without them nothing of this is loaded.</summary>
    public static void AddAccounts(this IServiceCollection services, ControlOptions options, AccountOptions accounts)
    {
        services.AddSingleton(accounts);
        services.AddScoped(provider => provider.GetRequiredService<ControlDatabase>().Open());
        services.AddIdentityCore<User>(identity =>
        {
            // Length is what protects a password; rules about its signs only make people write it down.
            identity.Password = new PasswordOptions
            {
                RequiredLength = 10,
                RequiredUniqueChars = 4,
                RequireDigit = false,
                RequireLowercase = false,
                RequireUppercase = false,
                RequireNonAlphanumeric = false,
            };
            identity.Lockout.MaxFailedAccessAttempts = 10;
            identity.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5);
            identity.User.AllowedUserNameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
            identity.Stores.SchemaVersion = IdentitySchemaVersions.Version3;
        });
        services.AddScoped<IUserStore<User>, UserStore>();
        services.AddScoped<IPasskeyHandler<User>, PasskeyHandler<User>>();
        services.Configure<IdentityPasskeyOptions>(passkeys =>
        {
            // Of the page's own host alone: workspaces are below it and must not be able to ask for its passkeys.
            var origin = options.Origin;
            passkeys.ServerDomain = new Uri(origin).Host;
            passkeys.ResidentKeyRequirement = "required";
            passkeys.UserVerificationRequirement = "required";
            passkeys.ValidateOrigin = said => ValueTask.FromResult(said.Origin == origin && !said.CrossOrigin);
        });
        services.AddSingleton<PasskeyState>();
        services.AddSingleton<Invitations>();
        services.AddProviders(options, accounts);
    }

    /// <summary>Every route of accounts.</summary>
    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        routes.MapSigningIn();
        routes.MapPasskeys();
        routes.MapProviders();
        routes.MapAccount();
        routes.MapUsers();
    }
}

/// <summary>Identity's store of users in control's database.</summary>
internal sealed class UserStore(ControlContext context, IdentityErrorDescriber describer) : UserOnlyStore<
    User, ControlContext, int, IdentityUserClaim<int>, IdentityUserLogin<int>, IdentityUserToken<int>, IdentityUserPasskey<int>>(context, describer);
