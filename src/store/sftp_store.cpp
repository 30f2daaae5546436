#include "sftp_store.hpp"

#include "sftp_path.hpp"
#include "ssh_channel.hpp"
#include "ssh_process.hpp"

#include <toolkit/base/log.hpp>

#include <fmt/core.h>

#include <utility>

namespace toolkit::store {

using sftp::Fault;
using sftp::Session;

SftpStore::SftpStore(const Location& location, const Settings& settings)
    : location_(location), settings_(settings), root_(sftp::root_of(location)) {}

SftpStore::~SftpStore() = default;

std::string SftpStore::name_of(const std::string& key) const {
  const std::string user = location_.user.empty() ? "" : location_.user + "@";
  return user + location_.host + ":" + path_of(key);
}

Capabilities SftpStore::capabilities() const {
  Capabilities result;
  result.append = appending_ != Appending::refused;
  result.rename = result.directories = result.times = result.modes = true;
  result.time_unit = 1'000'000'000;
  result.streams = 8;
  result.batch = 512;
  return result;
}

std::string SftpStore::path_of(const std::string& key) const { return sftp::join(root_, key); }

std::string SftpStore::cannot(std::string_view verb, const std::string& key) const {
  return fmt::format("cannot {} {}", verb, name_of(key));
}

Failure SftpStore::cannot(std::string_view verb, const std::string& key, const Fault& fault) const {
  return Failure(sftp::explain(cannot(verb, key), fault));
}

Result<SftpStore::Connected> SftpStore::connect() {
  const unsigned seen = attempts_;
  const std::lock_guard lock(mutex_);
  if (session_ && session_->is_alive()) {
    return session_;
  }
  // Who waited for an attempt that failed does not make another one: a dead host would cost each
  // thread its silence in turn.
  if (last_error_ && attempts_ != seen) {
    return Failure(*last_error_);
  }
  auto connected = connect_anew();
  ++attempts_;
  last_error_.reset();
  if (!connected) {
    last_error_ = connected.error();
    return connected;
  }
  session_ = *connected;
  const std::lock_guard directories_lock(directories_mutex_);
  directories_.clear();
  return connected;
}

Result<SftpStore::Connected> SftpStore::connect_anew() {
  session_.reset();
  TRY_ASSIGN(auto stream, settings_.ssh.command.empty() ? open_ssh_channel(location_, settings_)
                                                        : open_ssh_process(location_, settings_));
  TRY_ASSIGN(auto session, Session::begin(std::move(stream), location_.host, settings_.silence,
                                          settings_.stop_fd));
  tell_about(session->skills());
  return Connected(std::move(session));
}

void SftpStore::tell_about(const sftp::Skills& skills) {
  if (skills.is_openssh()) {
    appending_ = Appending::works;
  }
  if (told_.exchange(true)) {
    return;
  }
  if (!skills.posix_rename) {
    log_warn("{} cannot rename over a file: for a moment a file that is replaced is not there",
             location_.host);
  }
  if (!skills.fsync) {
    log_warn("{} does not say when bytes are on its disk (no fsync@openssh.com)", location_.host);
  }
}

Result<std::unique_ptr<Store>> open_sftp_store(const Location& location, const Settings& settings) {
  if (location.path.starts_with("~") && location.path != "~" && !location.path.starts_with("~/")) {
    return fail(ErrorKind::usage,
                fmt::format("{}: homes of others are not looked up", location.text),
                "write the path from /, or one relative to your own home");
  }
  return std::make_unique<SftpStore>(location, settings);
}

}  // namespace toolkit::store
