#include <toolkit/base/json_writer.hpp>
#include <toolkit/job/record.hpp>

#include <array>

namespace toolkit::job {
namespace {

// Linux lets one execve bring 2 MiB of arguments; a record is rewritten at every change and read by
// people, so it keeps what identifies the job.
constexpr std::size_t kArgvBytes = 64 * 1024;

constexpr std::array<std::string_view, 5> kStateNames{"starting", "running", "stopping", "exited",
                                                      "lost"};

void text_or_null(JsonWriter& json, std::string_view name, const std::string& text) {
  text.empty() ? json.key(name).null() : json.field(name, text);
}

void number_or_null(JsonWriter& json, std::string_view name, const std::optional<int>& number) {
  number ? json.field(name, *number) : json.key(name).null();
}

void write_argv(JsonWriter& json, const Record& record) {
  std::size_t room = kArgvBytes, written = 0;
  json.key("argv").begin_array();
  for (const std::string& argument : record.argv) {
    if (argument.size() > room) {
      break;
    }
    json.value(argument);
    room -= argument.size();
    ++written;
  }
  json.end_array();
  json.field("argv_omitted", record.argv_omitted + static_cast<int>(record.argv.size() - written));
}

void write_process(JsonWriter& json, const Record& record) {
  json.field("pid", record.pid)
      .field("pid_namespace", record.pid_namespace)
      .field("pid_start_ticks", record.pid_start_ticks);
  text_or_null(json, "boot_id", record.boot_id);
  json.field("supervisor_pid", record.supervisor_pid);
  text_or_null(json, "host", record.host);
  text_or_null(json, "started_at", record.started_at);
  text_or_null(json, "ended_at", record.ended_at);
  text_or_null(json, "updated_at", record.updated_at);
}

void write_end(JsonWriter& json, const Record& record) {
  record.deadline_unix ? json.key("deadline_unix").value(*record.deadline_unix)
                       : json.key("deadline_unix").null();
  number_or_null(json, "exit_code", record.exit_code);
  number_or_null(json, "signal", record.signal);
  json.field("core_dumped", record.core_dumped);
  text_or_null(json, "reason", record.reason);
  text_or_null(json, "message", record.message);
  json.field("oom_killed", record.oom_killed).field("oom_kills_before", record.oom_kills_before);
  text_or_null(json, "cgroup", record.cgroup);
  json.field("output_open", record.output_open);
}

void write_usage(JsonWriter& json, const Usage& usage) {
  json.key("usage").begin_object();
  json.key("wall_seconds").value(usage.wall_seconds, 6);
  json.key("user_seconds").value(usage.user_seconds, 6);
  json.key("system_seconds").value(usage.system_seconds, 6);
  json.field("peak_rss_bytes", usage.peak_rss_bytes).end_object();
}

void write_counts(JsonWriter& json, std::string_view name, const OutputCounts& counts) {
  json.key(name)
      .begin_object()
      .field("bytes", counts.bytes)
      .field("lines", counts.lines)
      .field("dropped_bytes", counts.dropped_bytes)
      .end_object();
}

}  // namespace

std::string_view state_name(State state) { return kStateNames[static_cast<std::size_t>(state)]; }

std::string to_json(const Record& record) {
  std::string text;
  text.reserve(1024);
  JsonWriter json(text);
  json.begin_object()
      .field("schema", kSchema)
      .field("name", record.name)
      .field("generation", record.generation)
      .field("attempt", record.attempt)
      .field("state", state_name(record.state));
  text_or_null(json, "phase", record.phase);
  write_argv(json, record);
  write_process(json, record);
  write_end(json, record);
  write_usage(json, record.usage);
  write_counts(json, "stdout", record.out);
  write_counts(json, "stderr", record.err);
  text_or_null(json, "log_path", record.log_path);
  json.field("log_dropped_bytes", record.log_dropped_bytes);
  json.end_object();
  return text;
}

}  // namespace toolkit::job
