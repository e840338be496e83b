package dev.warren.natives.linux.x86_64;

import dev.warren.base.NativeLibraries;

/** Linux on x86-64, with glibc or musl. */
public final class LinuxX86 implements NativeLibraries {
  @Override
  public String platform() {
    return "linux-x86_64";
  }
}
