package dev.warren.core.io;

import io.netty.handler.ssl.util.LazyX509Certificate;
import java.security.PrivateKey;
import javax.net.ssl.KeyManager;

/** A key manager like ours, for ends that are not ours: the JDK's does not take our certificate. */
public final class OneKey {
  private OneKey() {}

  public static KeyManager of(PrivateKey key, byte[] certificate) {
    return new OneKeyManager(key, new LazyX509Certificate(certificate));
  }
}
