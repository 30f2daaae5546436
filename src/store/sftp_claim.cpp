// Small files of our own: claims and the state of a run.
#include "sftp_path.hpp"
#include "sftp_store.hpp"

#include <algorithm>

namespace toolkit::store {

using namespace sftp;

namespace {

constexpr std::size_t kLongest = 1 << 20;  // of what read_small() is for

// The bytes that are there already, as a content.
class Bytes : public Content {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    const auto rest = bytes_.substr(std::min<std::uint64_t>(offset, bytes_.size()));
    return rest.copy(into.data(), into.size());
  }
  [[nodiscard]] const Entry& entry() const override { return entry_; }
  Result<Entry> stat() override { return entry_; }

 private:
  std::string_view bytes_;
  Entry entry_;
};

class FreeFlow : public Flow {
 public:
  Result<void> pass(std::size_t /*bytes*/) override { return {}; }
  void again(std::size_t /*bytes*/) override {}
};

Answer<void> write_and_close(Session& session, const std::string& handle, std::string_view bytes) {
  Request request(Type::write);
  request.text(handle).big_number(0);
  std::ranges::copy(bytes, request.data(bytes.size()).begin());
  std::vector<Ticket> open;
  open.push_back(session.send(std::move(request)));
  if (session.skills().fsync) {
    open.push_back(session.sync(handle));
  }
  open.push_back(session.close(handle));
  Answer<void> result;
  for (Ticket& ticket : open) {
    auto done = wait_done(ticket);
    if (!done && result) {
      result = std::move(done);
    }
  }
  return result;
}

// Where it is not known, the end is found by reading up to it.
std::uint64_t size_of(Ticket& looking) {
  const auto found = wait_attributes(looking);
  return found ? found->size.value_or(UINT64_MAX) : UINT64_MAX;
}

}  // namespace

Result<std::string> SftpStore::read_small(Session& session, const std::string& key) {
  auto opening = session.open(path_of(key), kRead);
  const auto handle = wait_handle(opening);
  if (!handle) {
    return cannot("read", key, handle.error());
  }
  auto looking = session.ask(Type::fstat, *handle);
  std::optional<std::uint64_t> size;
  std::string bytes;
  Answer<Reply> reply;
  do {
    auto ticket = session.read(*handle, bytes.size(), session.sizes().read);
    size = size ? size : size_of(looking);  // both are under way
    reply = wait_reply(ticket, Type::data);
    const auto piece = reply ? parse_data(*reply) : std::nullopt;
    if (reply && (!piece || piece->empty() || bytes.size() > kLongest)) {
      reply = tl::unexpected(Fault{Status::bad_message, "more or less than was expected", {}});
    } else if (piece) {
      bytes += *piece;
    }
  } while (reply && bytes.size() < *size);
  (void)session.close(*handle);
  return reply || reply.error().is(Status::end_of_file) ? Result<std::string>(std::move(bytes))
                                                        : cannot("read", key, reply.error());
}

Result<void> SftpStore::create_exclusively(const std::string& key, std::string_view bytes) {
  TRY_ASSIGN(const auto session, connect());
  const std::string path = path_of(key);
  const auto there = [&] { return fail(ErrorKind::conflict, name_of(key) + " is there already"); };
  // Servers that are not OpenSSH's have let O_EXCL succeed twice (rclone 1.60): they are asked
  // before, and what they have is read back after.
  const bool is_sure = session->skills().is_openssh();
  const auto exists = [&]() -> Answer<bool> {
    auto ticket = session->ask(Type::lstat, path);
    const auto found = wait_attributes(ticket);
    if (!found && !found.error().is(Status::no_such_file)) {
      return tl::unexpected(found.error());
    }
    return found.has_value();
  };
  if (!is_sure) {
    const auto found = exists();
    if (!found || *found) {
      return found ? there() : cannot("create", key, found.error());
    }
  }
  const auto flags = kWrite | kCreate | kExclusive;
  auto ticket = session->open(path, flags);
  auto handle = wait_handle(ticket);
  if (!handle && handle.error().is(Status::no_such_file)) {
    if (const auto made = make_path(*session, parent_of(path)); !made) {
      return cannot("create", key, made.error());
    }
    ticket = session->open(path, flags);
    handle = wait_handle(ticket);
  }
  if (!handle) {
    // The protocol has no word for "exists".
    const auto found = exists();
    return found && *found ? there() : write_failed(*session, key, handle.error());
  }
  if (const auto written = write_and_close(*session, *handle, bytes); !written) {
    return write_failed(*session, key, written.error());
  }
  if (!is_sure) {
    TRY_ASSIGN(const auto now, read_small(*session, key));
    return now == bytes ? Result<void>{} : there();
  }
  return {};
}

Result<void> SftpStore::replace_if_same(const std::string& key, std::string_view old_bytes,
                                        std::string_view new_bytes) {
  TRY_ASSIGN(const auto session, connect());
  const auto now = read_small(*session, key);
  if (!now && now.error().kind != ErrorKind::not_found) {
    return Failure(now.error());
  }
  if (!now || *now != old_bytes) {
    return fail(ErrorKind::conflict, name_of(key) + (now ? " is no longer ours" : " is gone"));
  }
  if (new_bytes.empty()) {
    return remove(key);
  }
  Bytes content(new_bytes);
  FreeFlow flow;
  std::string memo;
  Target target{key, new_bytes.size(), 0, 0};
  target.mtime = std::chrono::system_clock::now().time_since_epoch().count();
  TRY(put(target, content, flow, memo));
  TRY_ASSIGN(const auto there, read_small(*session, key));
  return there == new_bytes ? Result<void>{}
                            : fail(ErrorKind::conflict, name_of(key) + " is no longer ours");
}

}  // namespace toolkit::store
