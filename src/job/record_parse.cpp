#include <toolkit/base/text.hpp>
#include <toolkit/job/record.hpp>
#include <toolkit/job/store.hpp>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

namespace toolkit::job {
namespace {

using Json = nlohmann::json;

Failure broken(std::string_view key, std::string_view rule) {
  return fail(ErrorKind::failed, fmt::format("not a job record: '{}' is not {}", key, rule));
}

// Reads an object's keys one after the other and keeps the first thing that is wrong. An absent key
// and null leave the field as it is.
class Reader {
 public:
  Reader(const Json& object, std::string prefix = {})
      : object_(object), prefix_(std::move(prefix)) {}

  void read(const char* key, std::string& out) {
    if (const Json* item = find(key)) {
      item->is_string() && is_text(*item) ? void(out = item->get<std::string>())
                                          : complain(key, "a text");
    }
  }
  void read(const char* key, bool& out) {
    if (const Json* item = find(key)) {
      item->is_boolean() ? void(out = item->get<bool>()) : complain(key, "true or false");
    }
  }
  void read(const char* key, std::uint64_t& out) {
    if (const Json* item = find(key)) {
      item->is_number_unsigned() ? void(out = item->get<std::uint64_t>())
                                 : complain(key, "a whole number");
    }
  }
  void read(const char* key, int& out) {
    std::uint64_t number = static_cast<std::uint64_t>(out);
    read(key, number);
    number <= std::numeric_limits<int>::max() ? void(out = static_cast<int>(number))
                                              : complain(key, "in range");
  }
  void read(const char* key, double& out) {
    if (const Json* item = find(key)) {
      item->is_number() && item->get<double>() >= 0 ? void(out = item->get<double>())
                                                    : complain(key, "a number");
    }
  }
  template <typename T>
  void read(const char* key, std::optional<T>& out) {
    if (find(key) != nullptr) {
      read(key, out.emplace());
    }
  }
  void read(const char* key, std::vector<std::string>& out) {
    const Json* item = find(key);
    if (item == nullptr) {
      return;
    }
    for (const Json& element : item->is_array() ? *item : Json::array({nullptr})) {
      if (!element.is_string() || !is_text(element)) {
        return complain(key, "a list of texts");
      }
      out.push_back(element.get<std::string>());
    }
  }
  /// The object under this key, or nothing.
  const Json* object(const char* key) {
    const Json* item = find(key);
    if (item != nullptr && !item->is_object()) {
      complain(key, "an object");
    }
    return item != nullptr && item->is_object() ? item : nullptr;
  }

  void complain(std::string_view key, std::string_view rule) {
    if (result_) {
      result_ = broken(prefix_ + std::string(key), rule);
    }
  }
  [[nodiscard]] const Result<void>& result() const { return result_; }

 private:
  const Json* find(const char* key) const {
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }
  // No argument, path or message of a process can hold a NUL.
  static bool is_text(const Json& item) {
    return item.get_ref<const std::string&>().find('\0') == std::string::npos;
  }

  const Json& object_;
  std::string prefix_;
  Result<void> result_;
};

void read_state(Reader& reader, State& state) {
  std::string word(state_name(state));
  reader.read("state", word);
  for (const State known :
       {State::starting, State::running, State::stopping, State::exited, State::lost}) {
    if (word == state_name(known)) {
      state = known;
      return;
    }
  }
  reader.complain("state", "a known state");
}

void read_fields(Reader& reader, Record& record) {
  reader.read("name", record.name);
  reader.read("generation", record.generation);
  reader.read("attempt", record.attempt);
  read_state(reader, record.state);
  reader.read("phase", record.phase);
  reader.read("argv", record.argv);
  reader.read("argv_omitted", record.argv_omitted);
  reader.read("pid", record.pid);
  reader.read("pid_namespace", record.pid_namespace);
  reader.read("pid_start_ticks", record.pid_start_ticks);
  reader.read("boot_id", record.boot_id);
  reader.read("supervisor_pid", record.supervisor_pid);
  reader.read("host", record.host);
  reader.read("started_at", record.started_at);
  reader.read("ended_at", record.ended_at);
  reader.read("updated_at", record.updated_at);
  reader.read("deadline_unix", record.deadline_unix);
  reader.read("exit_code", record.exit_code);
  reader.read("signal", record.signal);
  reader.read("core_dumped", record.core_dumped);
  reader.read("reason", record.reason);
  reader.read("message", record.message);
  reader.read("oom_killed", record.oom_killed);
  reader.read("oom_kills_before", record.oom_kills_before);
  reader.read("cgroup", record.cgroup);
  reader.read("output_open", record.output_open);
  reader.read("log_path", record.log_path);
  reader.read("log_dropped_bytes", record.log_dropped_bytes);
}

Result<void> read_usage(const Json* object, Usage& usage) {
  if (object == nullptr) {
    return {};
  }
  Reader reader(*object, "usage.");
  reader.read("wall_seconds", usage.wall_seconds);
  reader.read("user_seconds", usage.user_seconds);
  reader.read("system_seconds", usage.system_seconds);
  reader.read("peak_rss_bytes", usage.peak_rss_bytes);
  return reader.result();
}

Result<void> read_counts(const Json* object, std::string prefix, OutputCounts& counts) {
  if (object == nullptr) {
    return {};
  }
  Reader reader(*object, std::move(prefix));
  reader.read("bytes", counts.bytes);
  reader.read("lines", counts.lines);
  reader.read("dropped_bytes", counts.dropped_bytes);
  return reader.result();
}

}  // namespace

Result<Record> parse_record(std::string_view text) {
  // What is nested deeper than any record is dropped while it is read, so it costs no memory.
  const auto shallow = [](int depth, Json::parse_event_t, const Json&) { return depth < 4; };
  const Json json = Json::parse(text, shallow, false);
  if (!json.is_object()) {
    return fail(ErrorKind::failed, "not a job record: not a JSON object");
  }
  Record record;
  Reader reader(json);
  std::string schema;
  reader.read("schema", schema);
  if (schema != kSchema) {
    return broken("schema", kSchema);
  }
  read_fields(reader, record);
  const Json *usage = reader.object("usage"), *out = reader.object("stdout"),
             *err = reader.object("stderr");
  TRY(reader.result());
  TRY(read_usage(usage, record.usage));
  TRY(read_counts(out, "stdout.", record.out));
  TRY(read_counts(err, "stderr.", record.err));
  if (!check_name(record.name)) {
    return broken("name", "a job name");
  }
  return record;
}

}  // namespace toolkit::job
