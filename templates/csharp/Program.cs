var builder = WebApplication.CreateBuilder(args);
var app = builder.Build();

app.UseDefaultFiles();
app.UseStaticFiles();

app.MapGet("/api/greeting", (string? name) =>
    new { text = $"Hello, {(string.IsNullOrWhiteSpace(name) ? "C#" : name)}", time = DateTime.Now });

var port = Environment.GetEnvironmentVariable("PORT") ?? "5000";
app.Run($"http://127.0.0.1:{port}");
