using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace DropIt.Control.Database.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Sleeps : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Sleeps",
                table: "Workspaces",
                type: "TEXT",
                maxLength: 20,
                nullable: false,
                defaultValue: "WhenLeft");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Sleeps",
                table: "Workspaces");
        }
    }
}
