// `wardline`: reads the command line, and calls the command. Options before or after the command mean the same.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdlib>

#include "controlplane/cli/commands.h"
#include "controlplane/cli/duration.h"
#include "controlplane/reports/questions.h"

namespace wardline::cli {
namespace {

// What the options fill, and the command that was chosen. Lives as long as the parser.
struct CommandLine {
  Context context;
  std::string directory, device, flow, id, note, duration, rules, database, format, out;
  ListOptions list;
  QuarantineOptions quarantine;
  FindingOptions finding;
  ReplayOptions replay;
  CaptureOptions capture;
  std::vector<std::string> filter;
  ReportOptions report;
  AssetImportOptions asset_import;
  AssetReplaceOptions asset_replace;
  PlaceImportOptions place;
  bool csv = false, html = false;
  TopOptions top;
  TraceOptions trace;
  bool all = false;
  std::function<ExitCode()> chosen;
};

std::string check_duration(const std::string& text) {
  return seconds_of(text) ? ""
                          : "\"" + text + "\": expected a number and a unit up to a year, such as 90s, 30m, 4h or 7d";
}

std::string check_silence(const std::string& text) {
  return seconds_of(text).value_or(0) >= 86'400 ? "" : "\"" + text + "\": expected 1d to 366d";
}

// What may be said for DEVICE.
constexpr const char* kDevice = "id, MAC, address, host name or id of the asset register";

// `wardline NOUN --help` tells its verbs; without a footer of its own it would show that of the whole.
CLI::App* noun(CLI::App& app, const char* name, const char* help) {
  auto* made = app.add_subcommand(name, help)->require_subcommand(1);
  made->footer(std::string("Options and an example of each: wardline ") + name + " VERB --help");
  return made;
}

CLI::App* command(CLI::App& parent, CommandLine& line, const char* name, const char* help, const char* example,
                  std::function<ExitCode()> run) {
  auto* made = parent.add_subcommand(name, help);
  made->footer(std::string("Example: ") + example);
  made->callback([&line, run = std::move(run)] { line.chosen = run; });
  return made;
}

void add_policy(CLI::App& app, CommandLine& line) {
  auto* policy = noun(app, "policy", "check and load policies");
  command(*policy, line, "check", "read a policy as the daemon would, and tell all its problems",
          "wardline policy check policies", [&line] { return policy_check(line.context, line.directory); })
      ->add_option("DIR", line.directory, "the policy's directory")
      ->required();
  command(*policy, line, "schema", "the form of a policy's files, as JSON Schema for editors",
          "wardline policy schema signature > signature.schema.json", [&line] { return policy_schema(line.id); })
      ->add_option("FILE", line.id, "which file")
      ->required()
      ->check(CLI::IsMember({"signature", "class", "site", "devices", "fingerprints", "tests"}));
  auto* docs =
      command(*policy, line, "docs", "a table in Markdown of what a policy's signatures know",
              "wardline policy docs policies detections", [&line] { return policy_docs(line.directory, line.id); });
  docs->add_option("DIR", line.directory, "the policy's directory")->required();
  docs->add_option("PAGE", line.id, "which table")->required()->check(CLI::IsMember({"detections", "applications"}));
  command(*policy, line, "reload", "put a policy in force; a bad one leaves the former as it is",
          "wardline policy reload", [&line] { return policy_reload(line.context, line.directory); })
      ->add_option("DIR", line.directory, "another directory than the one in use");
}

void add_signatures(CLI::App& app, CommandLine& line) {
  auto* signature = noun(app, "signature", "signatures from elsewhere");
  auto* import =
      command(*signature, line, "import", "turn Suricata or Snort rules into signatures, and tell which cannot be",
              "wardline signature import local.rules --out policies/signatures/imported/local.yaml",
              [&line] { return signature_import(line.context, line.rules, line.out); });
  import->add_option("RULES", line.rules, "a file of rules")->required();
  import->add_option("--out", line.out, "a new file for the signatures; without it they are only checked");
}

void add_fingerprints(CLI::App& app, CommandLine& line) {
  auto* fingerprint = noun(app, "fingerprint", "fingerprints from elsewhere");
  auto* import = command(*fingerprint, line, "import",
                         "turn a database of Satori, Recog or p0f into fingerprints, and tell what cannot be",
                         "wardline fingerprint import ssh_banners.xml --out policies/fingerprints/recog-ssh.yaml",
                         [&line] { return fingerprint_import(line.context, line.database, line.format, line.out); });
  import->add_option("FILE", line.database, "Satori's dhcp.xml, a file of Recog's xml folder, or p0f.fp")->required();
  import->add_option("--format", line.format, "what it must be; without it the file shows it")
      ->check(CLI::IsMember({"satori", "recog", "p0f"}));
  import->add_option("--out", line.out, "a new file for the fingerprints; without it they are only checked");
}

void add_devices(CLI::App& app, CommandLine& line) {
  auto* device = noun(app, "device", "what the inventory knows");
  command(*device, line, "list", "every device that was seen", "wardline device list --json",
          [&line] { return device_list(line.context); });
  command(*device, line, "show", "all that is known of one device", "wardline device show 00:11:22:33:44:55",
          [&line] { return device_show(line.context, line.device); })
      ->add_option("DEVICE", line.device, kDevice)
      ->required();
  auto* held =
      command(app, line, "hold", "no automatic quarantine of a device for a time", "wardline hold 10.20.1.15 --for 1h",
              [&line] { return hold(line.context, line.device, seconds_of(line.duration).value_or(3600)); });
  held->add_option("DEVICE", line.device, kDevice)->required();
  held->add_option("--for", line.duration, "how long: 30m, 4h; at most 7d")->check(check_duration)->required();
}

void add_list_options(CLI::App* made, CommandLine& line) {
  made->add_option("--device", line.list.device, std::string("of this device only: ") + kDevice);
  made->add_option("--limit", line.list.limit, "how many at most, newest first")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
}

void add_flows(CLI::App& app, CommandLine& line) {
  add_list_options(command(*noun(app, "flow", "what devices did"), line, "list", "the last flows",
                           "wardline flow list --device 10.20.1.15 --limit 20",
                           [&line] { return flow_list(line.context, line.list); }),
                   line);
  add_list_options(
      command(*noun(app, "violation", "what the policy blocks, or would block"), line, "list", "the last violations",
              "wardline violation list --json", [&line] { return violation_list(line.context, line.list); }),
      line);
  auto* why = command(app, line, "explain", "why a device has its class, or a flow its verdict",
                      "wardline explain 10.20.1.15", [&line] { return explain(line.context, line.device, line.flow); });
  why->add_option("DEVICE", line.device, kDevice)->required();
  why->add_option("FLOW", line.flow, "id of a flow or violation");
}

void add_top(CLI::App& app, CommandLine& line) {
  auto* made = command(app, line, "top", "traffic, drops, ports and the busiest devices, live",
                       "wardline top --interval 5s", [&line] {
                         if (!line.duration.empty()) line.top.interval = *seconds_of(line.duration);
                         return top(line.context, line.top);
                       });
  made->add_option("--interval", line.duration, "time between two looks: 2s if absent")->check(check_duration);
  made->add_option("--count", line.top.count, "end after so many; without it Ctrl-C ends it")
      ->check(CLI::Range(1, 1'000'000));
}

void add_trace(CLI::App& app, CommandLine& line) {
  auto* made = command(app, line, "trace", "whether a conversation came here, what was decided, and what came back",
                       "wardline trace 10.20.1.15 10.30.1.20 443", [&line] {
                         if (!line.duration.empty()) line.trace.seconds = *seconds_of(line.duration);
                         return trace(line.context, line.trace);
                       });
  made->add_option("SRC", line.trace.from, std::string("an address; or a device: ") + kDevice)->required();
  made->add_option("DST", line.trace.to, "the other end, likewise")->required();
  made->add_option("PORT", line.trace.port, "of this port only")->check(CLI::Range(1, 65535));
  auto* live = made->add_flag("--live", line.trace.live, "watch, and tell what comes meanwhile");
  made->add_option("--for", line.duration, "how long to watch: 10s if absent")->check(check_duration)->needs(live);
}

void add_quarantines(CLI::App& app, CommandLine& line) {
  auto* quarantine = noun(app, "quarantine", "limit what a device may do");
  auto* add =
      command(*quarantine, line, "add", "quarantine a device",
              "wardline quarantine add 10.20.1.15 --profile contain --reason \"odd firmware\" --for 4h", [&line] {
                line.quarantine.seconds = line.duration.empty() ? 0 : *seconds_of(line.duration);
                return quarantine_add(line.context, line.quarantine);
              });
  add->add_option("DEVICE", line.quarantine.device, kDevice)->required();
  add->add_option("--profile", line.quarantine.profile, "what is left to the device")
      ->required()
      ->check(CLI::IsMember({"contain", "isolate", "cut-off"}));
  add->add_option("--reason", line.quarantine.reason, "for whoever reads it later")->required();
  add->add_option("--for", line.duration, "how long: 30m, 4h, 7d; without it until it is released")
      ->check(check_duration);
  command(*quarantine, line, "list", "quarantines that are active or wait for approval",
          "wardline quarantine list --all", [&line] { return quarantine_list(line.context, line.all); })
      ->add_flag("--all", line.all, "those that have ended, too");
  const auto change = [&](const char* verb, const char* help, const char* what, const char* example) {
    command(*quarantine, line, verb, help, example,
            [&line, verb] { return quarantine_change(line.context, verb, line.id); })
        ->add_option(what, line.id, "as `wardline quarantine list` gives it")
        ->required();
  };
  change("approve", "put a proposed quarantine in force", "ID", "wardline quarantine approve q-12");
  change("reject", "decline a proposed quarantine", "ID", "wardline quarantine reject q-12");
  change("release", "end a quarantine", "ID|DEVICE", "wardline quarantine release 10.20.1.15");
}

void add_report(CLI::App& app, CommandLine& line) {
  std::vector<std::string> names;
  for (const auto& question : reports::questions()) names.emplace_back(question.name);
  auto* made = command(app, line, "report", "answers from the inventory, for people, spreadsheets and regulators",
                       "wardline report switches --since 7d --html > switches.html", [&line] {
                         line.report.form = line.csv ? "csv" : line.html ? "html" : "";
                         line.report.seconds = line.duration.empty() ? 0 : *seconds_of(line.duration);
                         return report(line.context, line.report);
                       });
  made->add_option("QUESTION", line.report.question, "what to report on")->required()->check(CLI::IsMember(names));
  made->add_option("--db", line.report.database, "the inventory; the daemon's if absent");
  made->add_option("--policy", line.report.policy, "the policy's directory; the daemon's if absent");
  made->add_option("--since", line.duration, "what was seen so long ago or later: 24h, 7d")->check(check_duration);
  made->add_option("--top", line.report.top, "how many makers")->capture_default_str()->check(CLI::Range(1, 1000));
  made->add_option("--limit", line.report.limit, "rows of a table at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  auto* csv = made->add_flag("--csv", line.csv, "one table as CSV");
  made->add_option("--table", line.report.table, "which table; the first if absent")->needs(csv);
  made->add_flag("--html", line.html, "one page, complete in itself")->excludes(csv);
}

void add_assets(CLI::App& app, CommandLine& line) {
  auto* asset = noun(app, "asset", "the asset register and the inventories of others");
  auto* import = command(*asset, line, "import", "bring a CSV export into the register, and tell what would change",
                         "wardline asset import cmdb.csv --map cmdb.yaml --into policies/devices.yaml --dry-run",
                         [&line] { return asset_import(line.context, line.asset_import); });
  import->add_option("FILE", line.asset_import.export_file, "the export: CSV, UTF-8, with a line of names")->required();
  import->add_option("--map", line.asset_import.map, "YAML: which column is what")->required();
  auto* into = import->add_option("--into", line.asset_import.into, "the devices.yaml to merge it with");
  import->add_option("--out", line.asset_import.out, "a new file instead")->excludes(into);
  import->add_flag("--dry-run", line.asset_import.dry_run, "tell, and write nothing");
  import->add_flag("--skip-conflicts", line.asset_import.skip_conflicts,
                   "leave lines out of which it is in doubt which entry they are, and write the others");
  auto* diff = command(*asset, line, "diff", "the register against the wire, both ways", "wardline asset diff policies",
                       [&line] { return asset_diff(line.context, line.report); });
  diff->add_option("DIR", line.report.policy, "the policy's directory")->required();
  diff->add_option("--db", line.report.database, "the inventory; the daemon's if absent");
  diff->add_option("--limit", line.report.limit, "rows of a table at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  auto* replace = command(*asset, line, "replace", "a new device takes an old one's line of the register",
                          "wardline asset replace pump-0107 58:46:e1:00:02:31 --ticket 4711 --dry-run policies",
                          [&line] { return asset_replace(line.context, line.asset_replace); });
  replace->add_option("OLD", line.asset_replace.old, "id of the register, or the MAC that goes")->required();
  replace->add_option("NEW_MAC", line.asset_replace.mac, "the new device's MAC")->required();
  replace->add_option("DIR", line.asset_replace.directory, "the policy's directory")->required();
  replace->add_option("--ticket", line.asset_replace.ticket, "for whoever reads it later")->required();
  replace->add_option("--serial", line.asset_replace.serial, "the new device's serial number");
  replace->add_flag("--dry-run", line.asset_replace.dry_run, "show the difference, and write nothing");
}

void add_places(CLI::App& app, CommandLine& line) {
  auto* import = command(*noun(app, "place", "where devices are plugged in"), line, "import",
                         "tell the daemon the ports of a switch's table of MACs, or of RADIUS accounting",
                         "wardline place import macs.csv --kind switch-table --map macs.yaml",
                         [&line] { return place_import(line.context, line.place); });
  import->add_option("FILE", line.place.file, "CSV, UTF-8, with a line of names")->required();
  import->add_option("--kind", line.place.kind, "what it is")
      ->required()
      ->check(CLI::IsMember({"switch-table", "radius"}));
  import->add_option("--map", line.place.map, "YAML: which column is mac, switch, port and time")->required();
  import->add_flag("--dry-run", line.place.dry_run, "read it, and tell the daemon nothing");
}

void add_findings(CLI::App& app, CommandLine& line) {
  auto* finding = noun(app, "finding", "what is not as it should be");
  auto* list =
      command(*finding, line, "list", "what is open or acknowledged, the last seen first",
              "wardline finding list --severity high", [&line] { return finding_list(line.context, line.finding); });
  list->add_option("--device", line.finding.device, std::string("of this device only: ") + kDevice);
  list->add_option("--kind", line.finding.kind, "of this kind only, such as duplicate_ip");
  list->add_option("--state", line.finding.state, "in this state only")
      ->check(CLI::IsMember({"open", "acknowledged", "resolved"}));
  list->add_option("--severity", line.finding.severity, "of this severity only")
      ->check(CLI::IsMember({"info", "low", "medium", "high", "critical"}));
  auto* acknowledge = command(*finding, line, "acknowledge", "say that a person knows of it",
                              "wardline finding acknowledge n-18c2-7 --note \"replaced in March\" --for 30d", [&line] {
                                return finding_acknowledge(line.context, line.id, line.note,
                                                           line.duration.empty() ? 0 : *seconds_of(line.duration));
                              });
  acknowledge->add_option("ID", line.id, "as `wardline finding list` gives it")->required();
  acknowledge->add_option("--note", line.note, "for whoever reads it later")->required();
  acknowledge->add_option("--for", line.duration, "how long: 12h, 30d; without it until it is over")
      ->check(check_duration);
  command(*finding, line, "docs", "a table in Markdown of all kinds of findings", "wardline finding docs",
          [] { return finding_docs(); });
}

void add_capture(CLI::App& app, CommandLine& line) {
  auto* made = command(app, line, "capture", "a file of what came and what became of it: headers only, no payload",
                       "wardline capture \"host 10.20.1.15 and port 2575\" --for 60s", [&line] {
                         line.capture.filter = fmt::format("{}", fmt::join(line.filter, " "));
                         line.capture.seconds = seconds_of(line.duration).value_or(0);
                         return capture_frames(line.context, line.capture);
                       });
  made->add_option("FILTER", line.filter, "which frames, in tcpdump's words, such as tcp and host 10.20.1.15")
      ->required();
  made->add_option("--for", line.duration, "how long, at most 10m")->check(check_duration)->required();
  made->add_option("--out", line.capture.out, "pcapng file to make; else wardline-TIME.pcapng");
  made->add_option("--limit", line.capture.limit, "how many frames at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  made->add_option("--snap", line.capture.snap, "how many bytes of the headers")
      ->capture_default_str()
      ->check(CLI::Range(14, 128));
}

void add_replay(CLI::App& app, CommandLine& line) {
  auto* replay = command(app, line, "replay", "what a policy would have done to captured traffic",
                         "wardline replay --policy policies --device-side auto --mode enforce ward.pcap",
                         [&line] { return replay_captures(line.context, line.replay); });
  replay->add_option("--policy", line.replay.policy, "the policy's directory")->required();
  auto* side = replay->add_option(
      "--device-side", line.replay.device_side,
      "auto (of each two MACs the first sender), or the devices' networks and MACs: 10.20.0.0/16,00:11:22:33:44:55");
  replay->add_option("--mode", line.replay.mode, "instead of the policy's own")
      ->check(CLI::IsMember({"monitor", "enforce"}));
  replay->add_option("--out", line.replay.out, "pcap file for what was forwarded");
  replay->add_option("--inventory", line.replay.inventory, "SQLite file to make, for `wardline report --db`");
  replay->add_option("--cache", line.replay.cache, "folder of compiled signatures; the user's cache if absent");
  replay->add_option("--devices", line.replay.devices, "device slots, as in wardlined.yaml")
      ->capture_default_str()
      ->check(CLI::Range(64, 8 << 20));
  replay->add_option("--register-silent", line.replay.register_silent, "as in wardlined.yaml: 1d to 366d")
      ->check(check_silence);
  auto* captures = replay->add_option("CAPTURE", line.replay.captures, "pcap or pcapng files, one after the other");
  replay
      ->add_option("--bundle", line.replay.bundles,
                   "NAME:DEVICE_LEG,CORE_LEG: what the two legs of a bundle received, in place of CAPTURE and "
                   "--device-side; once for each bundle, all at the same time")
      ->excludes(captures)
      ->excludes(side)
      ->allow_extra_args(false);
}

int run(int argc, char** argv) {
  CLI::App app("Ask and steer wardlined, check policies, replay captures.", "wardline");
  CommandLine line;
  const char* socket = std::getenv("WARDLINE_SOCKET");
  line.context.socket = socket != nullptr && *socket != '\0' ? socket : "/run/wardline/wardlined.sock";
  line.context.terminal = Terminal::of_stdout();
  app.fallthrough();
  app.require_subcommand(1);
  app.footer(
      "Example: wardline status\n"
      "Ends with 0 fine, 1 the answer is no, 2 bad usage or input, 3 no daemon or time-out, 4 not permitted.");
  app.add_option("--socket", line.context.socket, "the daemon's control socket; also WARDLINE_SOCKET")
      ->capture_default_str();
  app.add_flag("--json", line.context.json, "one JSON record a line");
  command(app, line, "status", "policy, ports, devices and counters", "wardline status",
          [&line] { return status(line.context); });
  add_devices(app, line);
  add_flows(app, line);
  add_top(app, line);
  add_trace(app, line);
  add_quarantines(app, line);
  add_findings(app, line);
  add_assets(app, line);
  add_places(app, line);
  add_policy(app, line);
  add_signatures(app, line);
  add_fingerprints(app, line);
  add_capture(app, line);
  add_replay(app, line);
  add_report(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kFine : kBadInput;
  }
  return line.chosen();
}

}  // namespace
}  // namespace wardline::cli

int main(int argc, char** argv) {
  try {
    return wardline::cli::run(argc, argv);
  } catch (const std::exception& error) {
    wardline::cli::tell_error(error.what());
    return wardline::cli::kBadInput;
  }
}
