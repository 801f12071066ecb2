using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace DropIt.Control.Database.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Ports : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "PublishedPorts",
                columns: table => new
                {
                    Slug = table.Column<string>(type: "TEXT", nullable: false),
                    Port = table.Column<int>(type: "INTEGER", nullable: false),
                    Visibility = table.Column<string>(type: "TEXT", maxLength: 10, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PublishedPorts", x => new { x.Slug, x.Port });
                    table.ForeignKey(
                        name: "FK_PublishedPorts_Workspaces_Slug",
                        column: x => x.Slug,
                        principalTable: "Workspaces",
                        principalColumn: "Slug",
                        onDelete: ReferentialAction.Cascade);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "PublishedPorts");
        }
    }
}
