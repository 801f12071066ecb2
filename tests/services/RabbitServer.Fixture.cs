namespace DropIt.Tests.Services;

/// <summary>As a fixture of specs.</summary>
public sealed partial class RabbitServer : IAsyncLifetime;
