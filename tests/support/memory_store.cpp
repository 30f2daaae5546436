#include <tests/support/memory_store.hpp>

#include <algorithm>
#include <array>

namespace toolkit::support {

using store::Entry;
using store::Kind;

// Shared with those who have it open, so that it outlives its name as on a disk.
struct MemoryStore::Node {
  Entry entry;
  std::string bytes;  // a link's target
};

class MemoryStore::Reading : public store::Content {
 public:
  Reading(MemoryStore& store, std::shared_ptr<Node> node)
      : store_(store), node_(std::move(node)), entry_(node_->entry) {}

  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    const Lock lock(store_.mutex_);
    if (offset >= node_->bytes.size()) {
      return 0;
    }
    return node_->bytes.copy(into.data(), into.size(), offset);
  }
  [[nodiscard]] const Entry& entry() const override { return entry_; }
  Result<Entry> stat() override {
    const Lock lock(store_.mutex_);
    return entry_ = node_->entry;
  }

 private:
  MemoryStore& store_;
  std::shared_ptr<Node> node_;
  Entry entry_;
};

std::vector<std::string> MemoryStore::calls() const {
  const Lock lock(mutex_);
  return calls_;
}

void MemoryStore::add_file(const std::string& key, std::string_view bytes, std::int64_t mtime) {
  const Lock lock(mutex_);
  Node& node = make(key, Kind::file);
  node.bytes = bytes;
  node.entry.size = bytes.size();
  node.entry.mtime = mtime;
}

void MemoryStore::add_directory(const std::string& key) {
  const Lock lock(mutex_);
  make(key, Kind::directory);
}

void MemoryStore::add_link(const std::string& key, const std::string& target) {
  const Lock lock(mutex_);
  make(key, Kind::symlink).bytes = target;
}

void MemoryStore::add_other(const std::string& key) {
  const Lock lock(mutex_);
  make(key, Kind::other);
}

void MemoryStore::break_call(const std::string& call, Error error) {
  const Lock lock(mutex_);
  broken_.insert_or_assign(call, std::move(error));
}

void MemoryStore::mend() {
  const Lock lock(mutex_);
  broken_.clear();
}

std::string MemoryStore::bytes_of(const std::string& key) const {
  const Lock lock(mutex_);
  const auto found = nodes_.find(key);
  return found == nodes_.end() ? std::string() : found->second->bytes;
}

bool MemoryStore::holds(const std::string& key) const {
  const Lock lock(mutex_);
  return nodes_.count(key) != 0;
}

std::string MemoryStore::name_of(const std::string& key) const { return "/memory/" + key; }

store::Capabilities MemoryStore::capabilities() const {
  store::Capabilities all;
  all.append = all.rename = all.directories = all.times = all.modes = true;
  return all;
}

Result<std::vector<Entry>> MemoryStore::list(const std::string& directory) {
  const Lock lock(mutex_);
  TRY(note("list", directory));
  const Node* node = find(directory);
  if (!directory.empty() && (node == nullptr || node->entry.kind != Kind::directory)) {
    return missing("list", directory);
  }
  const std::string prefix = directory.empty() ? "" : directory + "/";
  std::vector<Entry> entries;
  for (auto at = nodes_.lower_bound(prefix); at != nodes_.end(); ++at) {
    if (at->first.compare(0, prefix.size(), prefix) != 0) {
      break;
    }
    if (at->first.find('/', prefix.size()) == std::string::npos) {
      entries.push_back(at->second->entry);
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

Result<std::optional<Entry>> MemoryStore::stat(const std::string& key) {
  const Lock lock(mutex_);
  TRY(note("stat", key));
  if (key.empty()) {
    Entry root;
    root.kind = Kind::directory;
    root.identity = {1, 1};
    return root;
  }
  const Node* node = find(key);
  return node == nullptr ? std::nullopt : std::optional(node->entry);
}

Result<std::string> MemoryStore::read_link(const std::string& key) {
  const Lock lock(mutex_);
  TRY(note("read_link", key));
  const Node* node = find(key);
  if (node == nullptr || node->entry.kind != Kind::symlink) {
    return missing("read the link", key);
  }
  return node->bytes;
}

// `follow` is of no use here: links lead nowhere.
Result<std::unique_ptr<store::Content>> MemoryStore::open(const std::string& key, bool) {
  const Lock lock(mutex_);
  TRY(note("open", key));
  const auto found = nodes_.find(key);
  if (found == nodes_.end()) {
    return missing("open", key);
  }
  if (found->second->entry.kind != Kind::file) {
    return fail(ErrorKind::failed, "cannot open " + name_of(key) + ": not a regular file");
  }
  return std::make_unique<Reading>(*this, found->second);
}

Result<void> MemoryStore::put(const store::Target& target, store::Content& content,
                              store::Flow& flow, std::string&) {
  {
    const Lock lock(mutex_);
    TRY(note("put", target.key));
  }
  std::string bytes;
  TRY(copy(content, flow, 0, target.size, bytes));
  TRY(content.confirm());
  const Lock lock(mutex_);
  nodes_.erase(target.key);
  Node& node = make(target.key, Kind::file);
  node.entry.size = bytes.size();
  node.entry.mtime = target.mtime;
  node.entry.mode = target.mode;
  node.bytes = std::move(bytes);
  return {};
}

Result<void> MemoryStore::append(const store::Target& target, std::uint64_t offset,
                                 store::Content& content, store::Flow& flow, std::string&) {
  {
    const Lock lock(mutex_);
    TRY(note("append", target.key));
    const Node* node = find(target.key);
    if ((node == nullptr ? 0 : node->bytes.size()) != offset) {
      return fail(ErrorKind::conflict,
                  "cannot append to " + name_of(target.key) + ": its length is another one");
    }
  }
  std::string bytes;
  const auto copied = copy(content, flow, offset, target.size, bytes);
  const Lock lock(mutex_);
  Node* node = find(target.key);
  node = node == nullptr ? &make(target.key, Kind::file) : node;
  node->bytes += bytes;
  node->entry.size = node->bytes.size();
  node->entry.mtime = target.mtime;
  return copied;
}

Result<void> MemoryStore::create_exclusively(const std::string& key, std::string_view bytes) {
  const Lock lock(mutex_);
  TRY(note("create_exclusively", key));
  if (find(key) != nullptr) {
    return fail(ErrorKind::conflict, "cannot create " + name_of(key) + ": it is there");
  }
  Node& node = make(key, Kind::file);
  node.bytes = bytes;
  node.entry.size = bytes.size();
  return {};
}

Result<void> MemoryStore::replace_if_same(const std::string& key, std::string_view old_bytes,
                                          std::string_view new_bytes) {
  const Lock lock(mutex_);
  TRY(note("replace_if_same", key));
  Node* node = find(key);
  if (node == nullptr || node->bytes != old_bytes) {
    return fail(ErrorKind::conflict, "cannot replace " + name_of(key) + ": it has changed");
  }
  node->bytes = new_bytes;
  node->entry.size = new_bytes.size();
  return {};
}

Result<void> MemoryStore::make_directory(const std::string& key) {
  const Lock lock(mutex_);
  TRY(note("make_directory", key));
  if (!key.empty()) {
    make(key, Kind::directory);
  }
  return {};
}

Result<void> MemoryStore::rename(const std::string& from, const std::string& to) {
  const Lock lock(mutex_);
  TRY(note("rename", from));
  const auto found = nodes_.find(from);
  if (found == nodes_.end()) {
    return missing("rename", from);
  }
  const std::shared_ptr<Node> node = found->second;
  nodes_.erase(found);
  make_parents(to);
  node->entry.name = to.substr(to.rfind('/') + 1);
  nodes_.insert_or_assign(to, node);
  return {};
}

Result<void> MemoryStore::remove(const std::string& key) {
  const Lock lock(mutex_);
  TRY(note("remove", key));
  const auto below = nodes_.lower_bound(key + "/");
  if (below != nodes_.end() && below->first.compare(0, key.size() + 1, key + "/") == 0) {
    return fail(ErrorKind::failed, "cannot remove " + name_of(key) + ": directory not empty");
  }
  nodes_.erase(key);
  return {};
}

Result<void> MemoryStore::set_time(const std::string& key, std::int64_t mtime) {
  const Lock lock(mutex_);
  TRY(note("set_time", key));
  Node* node = find(key);
  if (node == nullptr) {
    return missing("set the time of", key);
  }
  node->entry.mtime = mtime;
  return {};
}

Result<void> MemoryStore::note(const std::string& call, const std::string& key) {
  calls_.push_back(call + " " + key);
  const auto broken = broken_.find(calls_.back());
  return broken == broken_.end() ? Result<void>{} : Failure(broken->second);
}

MemoryStore::Node& MemoryStore::make(const std::string& key, Kind kind) {
  make_parents(key);
  auto& node = nodes_[key];
  if (!node || node->entry.kind != kind) {
    node = std::make_shared<Node>();
    node->entry.kind = kind;
    node->entry.name = key.substr(key.rfind('/') + 1);
    node->entry.identity = {1, next_inode_++};
    node->entry.mode = kind == Kind::directory ? 0755 : 0644;
  }
  return *node;
}

void MemoryStore::make_parents(const std::string& key) {
  if (const auto slash = key.rfind('/'); slash != std::string::npos) {
    make(key.substr(0, slash), Kind::directory);
  }
}

MemoryStore::Node* MemoryStore::find(const std::string& key) {
  const auto found = nodes_.find(key);
  return found == nodes_.end() ? nullptr : found->second.get();
}

Failure MemoryStore::missing(const std::string& call, const std::string& key) const {
  return fail(ErrorKind::not_found, "cannot " + call + " " + name_of(key) + ": not there");
}

// Without the lock: the content may be one of ours.
Result<void> MemoryStore::copy(store::Content& content, store::Flow& flow, std::uint64_t from,
                               std::uint64_t to, std::string& into) {
  std::array<char, 4096> buffer;
  while (from < to) {
    const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), to - from);
    TRY_ASSIGN(const std::size_t got, content.read(from, std::span(buffer.data(), wanted)));
    if (got == 0) {
      return fail(ErrorKind::conflict, "the content has become shorter");
    }
    TRY(flow.pass(got));
    into.append(buffer.data(), got);
    from += got;
  }
  return {};
}

}  // namespace toolkit::support
