#include "tree_path.hpp"
#include "tree_walk.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::selection {
namespace {

// Links below links: enough for every layout, and an end for those that multiply.
constexpr int kMostLinksOnAWay = 8;

bool is_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

}  // namespace

Result<std::string> ListedReader::read_file(const std::string& path) {
  return reader_.read_file(path);
}

// Behind a link that was followed, the file lies elsewhere than the rules are told.
Result<std::string> ListedReader::read_in_tree(const std::string& key) {
  if (!is_within(key, key_) || key.find('/', key_.empty() ? 0 : key_.size() + 1) != key.npos) {
    return reader_.read_in_tree(key);
  }
  const std::string name = key.substr(key.rfind('/') + 1);
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&name](const auto& entry) { return entry.name == name; });
  if (found == entries_.end() || found->kind == store::Kind::directory) {
    return fail(ErrorKind::not_found, "no " + key);
  }
  const std::string real = child_key(real_, name);
  if (found->kind != store::Kind::symlink) {
    return reader_.read_in_tree(real);
  }
  TRY_ASSIGN(const Resolved target, links_.follow(real));
  if (!target.trouble.empty()) {
    return fail(ErrorKind::failed,
                fmt::format("cannot read the rules of {}: {}", key, target.trouble));
  }
  return reader_.read_in_tree(target.key);
}

std::unique_ptr<Walk> Walk::of(store::Store& source, const Filter& filter, RuleReader& reader,
                               WalkOptions options) {
  return std::make_unique<TreeWalk>(source, filter, reader, std::move(options));
}

TreeWalk::TreeWalk(store::Store& source, const Filter& filter, RuleReader& reader,
                   WalkOptions options)
    : source_(source),
      filter_(filter.at_root(options.root)),
      reader_(reader),
      options_(std::move(options)),
      inside_(options_.only) {}

Result<std::optional<Directory>> TreeWalk::next() {
  if (!errors_.empty()) {
    Error error = std::move(errors_.back());
    errors_.pop_back();
    return Failure(std::move(error));
  }
  Result<Directory> directory = Directory{};
  below_.clear();
  if (!started_) {
    started_ = true;
    directory = start();
  } else if (!pending_.empty()) {
    const Pending pending = std::move(pending_.back());
    pending_.pop_back();
    directory = walk_into(pending);
  } else {
    return std::nullopt;
  }
  if (!directory) {
    return Failure(directory.error());
  }
  std::move(below_.rbegin(), below_.rend(), std::back_inserter(pending_));
  return std::optional(std::move(*directory));
}

void TreeWalk::go_only_to(const std::string& key) {
  errors_.clear();
  std::erase_if(pending_, [&key](const Pending& pending) { return pending.key != key; });
}

void TreeWalk::watch(const std::string& key) {
  watched_key_ = key;
  watched_verdict_.reset();
}

// The root, or of it only the name that is wanted: merge files of the root do not count for that.
Result<Directory> TreeWalk::start() {
  const Pending root{"", std::make_shared<const Way>(), nullptr};
  if (options_.only.empty()) {
    return walk_into(root);
  }
  TRY_ASSIGN(auto entry, source_.stat(options_.only));
  if (!entry) {
    return fail(ErrorKind::not_found,
                "cannot read " + source_.name_of(options_.only) + ": no such file or directory");
  }
  if (entry->kind == store::Kind::symlink) {
    inside_.clear();  // the user has named the link: it may lead to its neighbours
  }
  entry->name = options_.only;
  Directory directory;
  consider_all(root, Scope{}, {std::move(*entry)}, directory);
  for (const Pending& only : below_) {
    inside_ = only.way->real;
  }
  return directory;
}

Result<Directory> TreeWalk::walk_into(const Pending& pending) {
  const std::string& real = pending.way->real;
  TRY_ASSIGN(auto entries, source_.list(real));
  LinkResolver links(source_, options_.root, inside_);
  ListedReader reader(reader_, pending.key, real, entries, links);
  TRY_ASSIGN(const auto scope, filter_.enter(pending.above, pending.key, reader));
  Directory directory{pending.key, {}, {}, false};
  directory.worth_keeping = !pending.key.empty() && filter_.protects(Scope{}, pending.key, true);
  const Pending in{pending.key, pending.way, scope};
  consider_all(in, *scope, std::move(entries), directory);
  return directory;
}

void TreeWalk::consider_all(const Pending& in, const Scope& scope,
                            std::vector<store::Entry> entries, Directory& directory) {
  for (store::Entry& entry : entries) {
    if (auto considered = consider(in, scope, std::move(entry), directory); !considered) {
      errors_.push_back(std::move(considered).error());
    }
  }
}

Result<void> TreeWalk::consider(const Pending& in, const Scope& scope, store::Entry entry,
                                Directory& directory) {
  if (!is_name(entry.name)) {  // a server that wants to write elsewhere
    return fail(ErrorKind::failed, fmt::format("cannot read {}: '{}' is no file name",
                                               source_.name_of(in.key), printable(entry.name)));
  }
  const std::string key = child_key(in.key, entry.name);
  const std::string real = child_key(in.way->real, entry.name);
  if (entry.kind == store::Kind::symlink) {
    return consider_link(in, scope, real, std::move(entry), directory);
  }
  const bool is_directory = entry.kind == store::Kind::directory;
  if (!is_included(scope, key, is_directory)) {
    return {};
  }
  if (is_directory) {
    take_directory(in, key, real, in.way->links, directory);
  } else {
    take_file(key, real, std::move(entry), directory);
  }
  return {};
}

// What it leads to is only looked at when the rules have not decided without.
Result<void> TreeWalk::consider_link(const Pending& in, const Scope& scope, const std::string& real,
                                     store::Entry entry, Directory& directory) {
  const std::string key = child_key(in.key, entry.name);
  const bool skipped = options_.links == Links::skip;
  if ((skipped || !filter_.judge(scope, key, true).included) && !is_included(scope, key, false)) {
    return {};
  }
  if (skipped) {
    leave_out(key, "a symbolic link");
    return {};
  }
  TRY_ASSIGN(Resolved target, LinkResolver(source_, options_.root, inside_).follow(real));
  if (!target.trouble.empty()) {
    leave_out(key, target.trouble);
    return {};
  }
  target.entry.name = std::move(entry.name);
  const bool is_directory = target.entry.kind == store::Kind::directory;
  if (!is_included(scope, key, is_directory)) {
    return {};
  }
  if (!is_directory) {
    take_file(key, target.key, std::move(target.entry), directory);
    return {};
  }
  for (const Way* way = in.way.get(); way != nullptr; way = way->above.get()) {
    if (way->real == target.key) {
      leave_out(key, "a symbolic link to a directory that it lies in");
      return {};
    }
  }
  if (in.way->links == kMostLinksOnAWay) {
    leave_out(key, "a symbolic link below too many others");
    return {};
  }
  take_directory(in, key, target.key, in.way->links + 1, directory);
  return {};
}

void TreeWalk::take_file(const std::string& key, const std::string& real, store::Entry entry,
                         Directory& directory) {
  if (entry.kind != store::Kind::file) {
    leave_out(key, "not a regular file");
    return;
  }
  directory.worth_keeping = true;
  std::string limit = limit_of(entry);
  if (limit.empty()) {
    directory.files.push_back({key, real, std::move(entry)});
  } else {
    leave_out(key, std::move(limit));
  }
}

void TreeWalk::take_directory(const Pending& in, const std::string& key, const std::string& real,
                              int links, Directory& directory) {
  if (!options_.recursive) {
    leave_out(key, "a directory, and --recursive is not given");
    return;
  }
  directory.directories.push_back(key);
  below_.push_back({key, std::make_shared<const Way>(Way{real, in.way, links}), in.above});
}

bool TreeWalk::is_included(const Scope& scope, const std::string& key, bool is_directory) {
  const Verdict verdict = filter_.judge(scope, key, is_directory);
  if (!watched_key_.empty() && key == watched_key_) {
    watched_verdict_ = verdict;
  }
  if (!verdict.included && tell) {
    leave_out(key, fmt::format("rule {} ({})", verdict.rule, verdict.origin));
  }
  return verdict.included;
}

std::string TreeWalk::limit_of(const store::Entry& entry) const {
  const Limits& limits = options_.limits;
  return limits.maximum_size && entry.size > *limits.maximum_size   ? "larger than --max-size"
         : limits.minimum_size && entry.size < *limits.minimum_size ? "smaller than --min-size"
         : limits.newer && entry.mtime < *limits.newer              ? "older than --newer"
                                                                    : "";
}

void TreeWalk::leave_out(const std::string& key, std::string why) {
  if (tell) {
    tell({key, std::move(why)});
  }
}

}  // namespace toolkit::selection
