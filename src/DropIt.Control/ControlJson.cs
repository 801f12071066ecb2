using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Control.Accounts;
using DropIt.Control.Admin;
using DropIt.Control.Audit;
using DropIt.Control.Importing;
using DropIt.Control.Sharing;
using DropIt.Control.Stacks;
using DropIt.Control.Teams;
using DropIt.Control.Tokens;
using DropIt.Control.Users;
using DropIt.Control.Variables;
using DropIt.Control.Workspaces;
using Microsoft.AspNetCore.Mvc;

namespace DropIt.Control;

/// <summary>JSON of the REST API, without reflection: it is ready when the first request comes.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(SessionAnswer))]
[JsonSerializable(typeof(IReadOnlyList<StackCard>))]
[JsonSerializable(typeof(StackFile))]
[JsonSerializable(typeof(WorkspaceAnswer))]
[JsonSerializable(typeof(IReadOnlyList<WorkspaceAnswer>))]
[JsonSerializable(typeof(CreateRequest))]
[JsonSerializable(typeof(ForkRequest))]
[JsonSerializable(typeof(ChangeRequest))]
[JsonSerializable(typeof(OpenAnswer))]
[JsonSerializable(typeof(PreviewRequest))]
[JsonSerializable(typeof(PreviewAnswer))]
[JsonSerializable(typeof(StatusEvent))]
[JsonSerializable(typeof(IReadOnlyList<FileAnswer>))]
[JsonSerializable(typeof(VersionsAnswer))]
[JsonSerializable(typeof(ChangesAnswer))]
[JsonSerializable(typeof(IReadOnlyList<PortAnswer>))]
[JsonSerializable(typeof(PortRequest))]
[JsonSerializable(typeof(VariablesAnswer))]
[JsonSerializable(typeof(VariableRequest))]
[JsonSerializable(typeof(VariablesChangedAnswer))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(GitImportRequest))]
[JsonSerializable(typeof(ImportAnswer))]
[JsonSerializable(typeof(ImportEvent))]
[JsonSerializable(typeof(WaysAnswer))]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(SignUpRequest))]
[JsonSerializable(typeof(PasskeyRequest))]
[JsonSerializable(typeof(PasskeyAnswer))]
[JsonSerializable(typeof(AccountAnswer))]
[JsonSerializable(typeof(AccountRequest))]
[JsonSerializable(typeof(PasswordRequest))]
[JsonSerializable(typeof(IReadOnlyList<BrowserAnswer>))]
[JsonSerializable(typeof(IReadOnlyList<UserAnswer>))]
[JsonSerializable(typeof(NewUserRequest))]
[JsonSerializable(typeof(ChangeUserRequest))]
[JsonSerializable(typeof(SignInAddressAnswer))]
[JsonSerializable(typeof(InvitationRequest))]
[JsonSerializable(typeof(InvitationAnswer))]
[JsonSerializable(typeof(IReadOnlyList<InvitationAnswer>))]
[JsonSerializable(typeof(PeopleAnswer))]
[JsonSerializable(typeof(MemberRequest))]
[JsonSerializable(typeof(MemberRoleRequest))]
[JsonSerializable(typeof(ShareLinkRequest))]
[JsonSerializable(typeof(ShareLinkAnswer))]
[JsonSerializable(typeof(OwnerRequest))]
[JsonSerializable(typeof(MoveRequest))]
[JsonSerializable(typeof(TeamRequest))]
[JsonSerializable(typeof(TeamAnswer))]
[JsonSerializable(typeof(IReadOnlyList<TeamAnswer>))]
[JsonSerializable(typeof(TeamPageAnswer))]
[JsonSerializable(typeof(TeamMemberRequest))]
[JsonSerializable(typeof(TeamRoleRequest))]
[JsonSerializable(typeof(NewTemplateRequest))]
[JsonSerializable(typeof(TemplateRequest))]
[JsonSerializable(typeof(TeamTemplateAnswer))]
[JsonSerializable(typeof(TeamQuotaRequest))]
[JsonSerializable(typeof(IReadOnlyList<AdminTeamAnswer>))]
[JsonSerializable(typeof(JoinedAnswer))]
[JsonSerializable(typeof(QuotaRequest))]
[JsonSerializable(typeof(IReadOnlyList<AdminWorkspaceAnswer>))]
[JsonSerializable(typeof(SizeAnswer))]
[JsonSerializable(typeof(IReadOnlyList<EventAnswer>))]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(IReadOnlyList<TokenAnswer>))]
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class ControlJson : JsonSerializerContext;
