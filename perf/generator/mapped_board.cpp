#include "perf/generator/mapped_board.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace wardline::perf {

std::expected<MappedBoard, std::string> MappedBoard::open(const std::string& path) {
  int file = -1;
  if (!path.empty()) {
    file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, kBoardBytes) != 0) {
      const std::string why = std::strerror(errno);
      if (file >= 0) close(file);
      return std::unexpected("the board " + path + " cannot be made: " + why);
    }
  }
  const int flags = file < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
  void* const at = mmap(nullptr, kBoardBytes, PROT_READ | PROT_WRITE, flags | MAP_POPULATE, file, 0);
  if (file >= 0) close(file);
  if (at == MAP_FAILED) return std::unexpected("the board " + path + " cannot be mapped: " + std::strerror(errno));
  return MappedBoard(static_cast<Board*>(at));
}

MappedBoard::~MappedBoard() {
  if (board_ != nullptr) munmap(board_, kBoardBytes);
}

}  // namespace wardline::perf
