#include "controlplane/daemon/control_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

namespace wardline::daemon {
namespace {

struct ControlSocketTest : ::testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("wardline-socket-" + std::to_string(getpid()));
  std::string path = folder / "control.sock";
  void TearDown() override { std::filesystem::remove_all(folder); }

  int connect_client() {
    const int client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    EXPECT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return client;
  }
  static void say(int client, const std::string& text) {
    EXPECT_EQ(send(client, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  static std::string heard(int client) {
    std::string text(1 << 16, '\0');
    const auto got = recv(client, text.data(), text.size(), 0);
    return text.substr(0, got < 0 ? 0 : static_cast<std::size_t>(got));
  }
};

TEST_F(ControlSocketTest, IsOpenToItsUserAndGroupAlone) {
  const auto before = umask(0);
  const auto socket = ControlSocket::listen(path);
  umask(before);
  ASSERT_TRUE(socket) << socket.error().text();
  struct stat about {};
  ASSERT_EQ(stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0660U);
}

TEST_F(ControlSocketTest, EveryRequestOfOneWriteIsAnsweredInItsOrder) {
  auto socket = ControlSocket::listen(path);
  ASSERT_TRUE(socket);
  const int client = connect_client();
  say(client, "a\nb\nc");
  for (int turn = 0; turn < 5; ++turn)
    socket->serve(
        1, [&](int who, const std::string& request, const std::string&) { socket->answer(who, "<" + request + ">"); });
  EXPECT_EQ(heard(client), "<a>\n<b>\n");
  close(client);
}

TEST_F(ControlSocketTest, WhoAsksThousandsOfThingsAndReadsNothingIsHandledAFewTimes) {
  auto socket = ControlSocket::listen(path);
  ASSERT_TRUE(socket);
  const int client = connect_client();
  std::string many;
  for (int n = 0; n < 5000; ++n) many += "status\n";
  say(client, many);
  int handled = 0;
  const std::string big(1 << 20, 'x');
  for (int turn = 0; turn < 50; ++turn)
    socket->serve(1, [&](int who, const std::string&, const std::string&) { ++handled, socket->answer(who, big); });
  EXPECT_EQ(handled, 1) << "the next one waits until the answer was read";
  close(client);
}

TEST_F(ControlSocketTest, AnAnswerThatComesLateReachesNobodyElse) {
  auto socket = ControlSocket::listen(path);
  ASSERT_TRUE(socket);
  const int first = connect_client();
  say(first, "reload\n");
  int asked = -1;
  const ControlSocket::Handler keep = [&](int who, const std::string&, const std::string&) { asked = who; };
  for (int turn = 0; turn < 3; ++turn) socket->serve(1, keep);
  ASSERT_GE(asked, 0);
  close(first);
  socket->serve(1, keep);
  const int second = connect_client();  // the kernel gives the daemon the same descriptor again
  socket->serve(1, keep);
  socket->answer(asked, "the first one's answer");
  EXPECT_EQ(heard(second), "");
  close(second);
}

}  // namespace
}  // namespace wardline::daemon
