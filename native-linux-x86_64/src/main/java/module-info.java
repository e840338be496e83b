/**
 * The native libraries for Linux on x86-64.
 *
 * <p>Netty ships them as modules that no module requires, so a program on the module path would not
 * see them without {@code --add-modules}. This one requires them and provides a service that core
 * uses, which is reason enough for the module system to take all three in.
 */
module dev.warren.natives.linux.x86_64 {
  requires dev.warren.base;
  requires io.netty.codec.quic.linux.x86_64;
  requires io.netty.transport.epoll.linux.x86_64;
  requires static org.jspecify;

  provides dev.warren.base.NativeLibraries with
      dev.warren.natives.linux.x86_64.LinuxX86;
}
