#include "sftp_content.hpp"

#include "sftp_path.hpp"

#include <algorithm>
#include <deque>

namespace toolkit::store::sftp {
namespace {

constexpr std::size_t kMostAhead = 16;  // requests of up to 255 KiB

class SftpContent : public Content {
 public:
  SftpContent(std::shared_ptr<Session> session, std::string handle, std::string name, Entry entry)
      : session_(std::move(session)),
        handle_(std::move(handle)),
        what_("cannot read " + name),
        entry_(std::move(entry)) {}
  ~SftpContent() override { (void)session_->close(handle_); }

  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    if (into.empty()) {
      return 0;
    }
    if (offset < here_ || offset >= here_ + piece_.size()) {
      const auto fetched = fetch(offset, into.size());
      if (!fetched && fetched.error().is(Status::end_of_file)) {
        return 0;
      }
      if (!fetched) {
        return Failure(explain(what_, fetched.error()));
      }
    }
    const auto left = piece_.substr(static_cast<std::size_t>(offset - here_));
    const std::size_t count = std::min(left.size(), into.size());
    std::copy_n(left.begin(), count, into.begin());
    return count;
  }

  [[nodiscard]] const Entry& entry() const override { return entry_; }

  Result<Entry> stat() override {
    auto ticket = session_->ask(Type::fstat, handle_);
    const auto attributes = wait_attributes(ticket);
    if (!attributes) {
      return Failure(explain(what_, attributes.error()));
    }
    entry_ = entry_of(entry_.name, *attributes);
    return entry_;
  }

 private:
  struct Asked {
    std::uint64_t offset;
    Ticket ticket;
  };

  // The piece that begins at `offset`, and requests for what follows it.
  Answer<void> fetch(std::uint64_t offset, std::size_t wanted) {
    // Nothing is read ahead for who only looks at a few places.
    const bool goes_on = !piece_.empty() && offset == here_ + piece_.size();
    depth_ = goes_on ? std::min(depth_ * 2, kMostAhead) : 1;
    if (ahead_.empty() || ahead_.front().offset != offset) {
      ahead_.clear();
      const std::size_t most = session_->sizes().read;
      ask(offset, goes_on ? most : std::min(wanted, most));
    }
    while (ahead_.size() < depth_ && next_ < entry_.size) {
      ask(next_, session_->sizes().read);
    }
    auto reply = wait_reply(ahead_.front().ticket, Type::data);
    ahead_.pop_front();
    piece_ = {};
    if (!reply) {
      return tl::unexpected(reply.error());
    }
    reply_ = std::move(*reply);
    const auto data = parse_data(reply_);
    if (!data || data->empty()) {
      return tl::unexpected(Fault{Status::bad_message, "an answer without bytes", {}});
    }
    piece_ = *data;
    here_ = offset;
    return {};
  }

  void ask(std::uint64_t offset, std::size_t size) {
    ahead_.push_back({offset, session_->read(handle_, offset, size)});
    next_ = offset + size;
  }

  const std::shared_ptr<Session> session_;
  const std::string handle_, what_;
  Entry entry_;
  std::deque<Asked> ahead_;
  std::size_t depth_ = 1;
  std::uint64_t next_ = 0;  // where the next request begins
  Reply reply_;
  std::string_view piece_;  // the bytes in reply_, from here_ on
  std::uint64_t here_ = 0;
};

Answer<Attributes> look(Session& session, Type type, const std::string& path) {
  auto ticket = session.ask(type, path);
  return wait_attributes(ticket);
}

}  // namespace

Result<std::unique_ptr<Content>> open_content(std::shared_ptr<Session> session,
                                              const std::string& path, const std::string& name,
                                              bool follow) {
  const std::string what = "cannot read " + name;
  // Looked at first: opening a FIFO would hold up the server, and with it every other request.
  const auto before = look(*session, follow ? Type::stat : Type::lstat, path);
  if (!before) {
    return Failure(explain(what, before.error()));
  }
  const Kind kind = entry_of("", *before).kind;
  if (kind != Kind::file) {
    return fail(ErrorKind::failed, what + (kind == Kind::symlink     ? ": a symbolic link"
                                           : kind == Kind::directory ? ": a directory"
                                                                     : ": not a regular file"));
  }
  auto opening = session->open(path, kRead);
  const auto handle = wait_handle(opening);
  if (!handle) {
    return Failure(explain(what, handle.error()));
  }
  auto content = std::make_unique<SftpContent>(std::move(session), *handle, name,
                                               entry_of(name_in(path), *before));
  TRY(content->stat());
  return content;
}

}  // namespace toolkit::store::sftp
