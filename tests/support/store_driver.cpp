// Calls one function of a Store and prints what came back: for labs that kill it, trace it, inject
// faults into it, or hold it against real servers. Driven by tests only.
//
//   toolkit_store_driver [--rsh COMMAND] [--identity FILE] [--accept-new-host-key]
//     [--endpoint URL] [--silence MS] [--limit BYTES] LOCATION COMMAND ARGUMENT…
//
// Exit: 0, else by the error's kind, whose name begins the line on stderr. --limit: the flow ends
// the transfer with `interrupted` when more bytes would pass. A memo is printed as "memo TEXT".
#include <toolkit/store/open_store.hpp>

#include <algorithm>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>

using namespace toolkit;
using namespace toolkit::store;

namespace {

using Words = std::vector<std::string>;

class LimitedFlow : public Flow {
 public:
  Result<void> pass(std::size_t bytes) override {
    if (passed + bytes > limit) {
      return fail(ErrorKind::interrupted, "the limit of the driver");
    }
    passed += bytes;
    return {};
  }
  void again(std::size_t bytes) override { wasted += bytes; }
  std::uint64_t passed = 0, wasted = 0, limit = UINT64_MAX;
};

struct Driver {
  std::unique_ptr<Store> store;
  LimitedFlow flow;
  Words words;

  [[nodiscard]] std::string word(std::size_t i) const { return i < words.size() ? words[i] : ""; }
  [[nodiscard]] std::uint64_t number(std::size_t i, std::uint64_t otherwise = 0) const {
    return i < words.size() ? std::strtoull(words[i].c_str(), nullptr, 10) : otherwise;
  }
};

const char* kind_name(ErrorKind kind) {
  constexpr const char* kNames[] = {"usage",    "not_found",   "denied", "unavailable", "timed_out",
                                    "conflict", "interrupted", "failed", "internal"};
  return kNames[static_cast<int>(kind)];
}

void print_entry(const Entry& entry) {
  constexpr const char* kKinds[] = {"file", "directory", "symlink", "other"};
  std::printf("%s %" PRIu64 " %" PRId64 " %o %s %s\n", kKinds[static_cast<int>(entry.kind)],
              entry.size, entry.mtime, entry.mode, entry.tag.empty() ? "-" : entry.tag.c_str(),
              entry.name.c_str());
}

// A local file, by its path.
Result<std::unique_ptr<Content>> local(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  Location location;
  location.path = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  TRY_ASSIGN(const auto store, open_store(location, {}));
  return store->open(path.substr(slash + 1), true);
}

Target target_of(const std::string& key, const Content& content, std::uint64_t size) {
  const Entry& entry = content.entry();
  return {key, std::min(size, entry.size), entry.mtime, entry.mode};
}

void print_flow(const Driver& driver) {
  std::printf("passed %" PRIu64 " again %" PRIu64 "\n", driver.flow.passed, driver.flow.wasted);
}

Result<void> list(Driver& driver) {
  TRY_ASSIGN(const auto entries, driver.store->list(driver.word(0)));
  for (const Entry& entry : entries) {
    print_entry(entry);
  }
  return {};
}

Result<void> stat(Driver& driver) {
  TRY_ASSIGN(const auto entry, driver.store->stat(driver.word(0)));
  if (entry) {
    print_entry(*entry);
  } else {
    std::puts("nothing");
  }
  return {};
}

// get KEY [OFFSET [SIZE]]
Result<void> get(Driver& driver) {
  TRY_ASSIGN(const auto content, driver.store->open(driver.word(0), false));
  std::uint64_t offset = driver.number(1);
  std::uint64_t left = driver.number(2, UINT64_MAX);
  std::vector<char> buffer(1 << 20);
  while (left > 0) {
    const std::size_t wanted = std::min<std::uint64_t>(left, buffer.size());
    TRY_ASSIGN(const std::size_t count, content->read(offset, std::span(buffer).first(wanted)));
    if (count == 0) {
      break;
    }
    std::fwrite(buffer.data(), 1, count, stdout);
    offset += count;
    left -= count;
  }
  return {};
}

Result<void> transferred(Driver& driver, Result<void> result, const std::string& memo) {
  print_flow(driver);
  if (!memo.empty()) {
    std::printf("memo %s\n", memo.c_str());
  }
  return result;
}

// put KEY FILE [SIZE|- [MEMO]]
Result<void> put(Driver& driver) {
  TRY_ASSIGN(const auto content, local(driver.word(1)));
  const std::uint64_t size = driver.word(2) == "-" ? UINT64_MAX : driver.number(2, UINT64_MAX);
  std::string memo = driver.word(3);
  auto result =
      driver.store->put(target_of(driver.word(0), *content, size), *content, driver.flow, memo);
  return transferred(driver, std::move(result), memo);
}

// append KEY OFFSET FILE [SIZE|- [MEMO]]
Result<void> append(Driver& driver) {
  TRY_ASSIGN(const auto content, local(driver.word(2)));
  const std::uint64_t size = driver.word(3) == "-" ? UINT64_MAX : driver.number(3, UINT64_MAX);
  std::string memo = driver.word(4);
  auto result = driver.store->append(target_of(driver.word(0), *content, size), driver.number(1),
                                     *content, driver.flow, memo);
  return transferred(driver, std::move(result), memo);
}

Result<void> put_these(Driver& driver, const Words& keys,
                       const std::vector<std::unique_ptr<Content>>& contents) {
  std::vector<Target> targets;
  std::vector<Content*> borrowed;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    targets.push_back(target_of(keys[i], *contents[i], UINT64_MAX));
    borrowed.push_back(contents[i].get());
  }
  Result<void> first;
  for (auto& result : driver.store->put_many(targets, borrowed, driver.flow)) {
    if (!result && first) {
      first = std::move(result);
    }
  }
  return first;
}

// put-many KEY FILE KEY FILE …
Result<void> put_many(Driver& driver) {
  Words keys;
  std::vector<std::unique_ptr<Content>> contents;
  for (std::size_t i = 0; i + 1 < driver.words.size(); i += 2) {
    TRY_ASSIGN(auto content, local(driver.words[i + 1]));
    keys.push_back(driver.words[i]);
    contents.push_back(std::move(content));
  }
  auto result = put_these(driver, keys, contents);
  print_flow(driver);
  return result;
}

Result<void> put_tree(Driver& driver, Store& source, const std::string& directory) {
  const std::size_t together = std::max<std::size_t>(1, driver.store->capabilities().batch);
  TRY_ASSIGN(const auto entries, source.list(directory));
  const std::string before = directory.empty() ? "" : directory + "/";
  Words keys;
  std::vector<std::unique_ptr<Content>> contents;
  for (const Entry& entry : entries) {
    if (entry.kind == Kind::directory) {
      TRY(put_tree(driver, source, before + entry.name));
    } else if (entry.kind == Kind::file) {
      TRY_ASSIGN(auto content, source.open(before + entry.name, false));
      keys.push_back(before + entry.name);
      contents.push_back(std::move(content));
    }
    if (keys.size() == together) {
      TRY(put_these(driver, keys, contents));
      keys.clear();
      contents.clear();
    }
  }
  return keys.empty() ? Result<void>{} : put_these(driver, keys, contents);
}

// put-tree DIRECTORY: every file of it, a batch at a time.
Result<void> put_whole_tree(Driver& driver) {
  Location location;
  location.path = driver.word(0);
  TRY_ASSIGN(const auto source, open_store(location, {}));
  auto result = put_tree(driver, *source, "");
  print_flow(driver);
  return result;
}

Result<void> capabilities(Driver& driver) {
  const Capabilities can = driver.store->capabilities();
  std::printf("append %d rename %d directories %d times %d modes %d streams %zu batch %zu\n",
              can.append, can.rename, can.directories, can.times, can.modes, can.streams,
              can.batch);
  return {};
}

Result<void> free_space(Driver& driver) {
  TRY_ASSIGN(const auto room, driver.store->free_space());
  std::printf("%s\n", room ? std::to_string(*room).c_str() : "unknown");
  return {};
}

const std::map<std::string, std::function<Result<void>(Driver&)>> commands = {
    {"list", list},
    {"stat", stat},
    {"get", get},
    {"put", put},
    {"put-many", put_many},
    {"put-tree", put_whole_tree},
    {"append", append},
    {"capabilities", capabilities},
    {"free", free_space},
    {"create", [](Driver& d) { return d.store->create_exclusively(d.word(0), d.word(1)); }},
    {"replace",
     [](Driver& d) { return d.store->replace_if_same(d.word(0), d.word(1), d.word(2)); }},
    {"mkdir", [](Driver& d) { return d.store->make_directory(d.word(0)); }},
    {"rename", [](Driver& d) { return d.store->rename(d.word(0), d.word(1)); }},
    {"remove", [](Driver& d) { return d.store->remove(d.word(0)); }},
    {"set-time",
     [](Driver& d) {
       return d.store->set_time(d.word(0), static_cast<std::int64_t>(d.number(1)));
     }},
};

int end_with(const Error& error) {
  std::fprintf(stderr, "%s: %s\n", kind_name(error.kind), error.message.c_str());
  if (!error.remedy.empty()) {
    std::fprintf(stderr, "  try: %s\n", error.remedy.c_str());
  }
  return exit_code_for(error);
}

// Takes the options off the front.
Settings settings_of(Words& words, Driver& driver) {
  Settings settings;
  settings.get_env = [](const char* name) -> const char* { return std::getenv(name); };
  while (!words.empty() && words[0].starts_with("--")) {
    const std::string name = words[0];
    const bool flag = name == "--accept-new-host-key";
    const std::string value = flag || words.size() < 2 ? "" : words[1];
    if (flag) {
      settings.ssh.accept_new_host_key = true;
    } else if (name == "--rsh") {
      settings.ssh.command = value;
    } else if (name == "--identity") {
      settings.ssh.identity = value;
    } else if (name == "--endpoint") {
      settings.s3.endpoint = value;
    } else if (name == "--silence") {
      settings.silence = Milliseconds(std::strtol(value.c_str(), nullptr, 10));
    } else if (name == "--limit") {
      driver.flow.limit = std::strtoull(value.c_str(), nullptr, 10);
    }
    words.erase(words.begin(), words.begin() + (flag || words.size() < 2 ? 1 : 2));
  }
  return settings;
}

}  // namespace

int main(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);  // which are errors, as in toolkit
  std::signal(SIGXFSZ, SIG_IGN);
  Driver driver;
  Words words(arguments + 1, arguments + count);
  const Settings settings = settings_of(words, driver);
  if (words.size() < 2 || !commands.contains(words[1])) {
    std::fprintf(stderr, "usage: toolkit_store_driver [OPTION]… LOCATION COMMAND [ARGUMENT]…\n");
    return 2;
  }
  const auto location = parse_location(words[0]);
  if (!location) {
    return end_with(location.error());
  }
  auto store = open_store(*location, settings);
  if (!store) {
    return end_with(store.error());
  }
  driver.store = std::move(*store);
  driver.words.assign(words.begin() + 2, words.end());
  const auto result = commands.at(words[1])(driver);
  std::fflush(stdout);
  return result ? 0 : end_with(result.error());
}
