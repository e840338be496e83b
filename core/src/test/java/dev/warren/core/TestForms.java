package dev.warren.core;

import dev.warren.base.NodeId;
import dev.warren.core.spi.IdentityForm;
import dev.warren.core.wire.IdentityCertificate;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Forms of identity that the service loader finds in tests, in this order. */
public final class TestForms {
  private TestForms() {}

  /** Cannot even be made. */
  public static final class Broken extends Form {
    public Broken() {
      throw new IllegalStateException("broken on purpose");
    }
  }

  /** Says why it cannot be used. */
  public static final class Unusable extends Form {
    static volatile String reason = "unusable on purpose";

    @Override
    public Optional<String> unavailable() {
      return Optional.of(reason);
    }
  }

  /** Usable while a test wants it; proves ids by the certificates, under a name of its own. */
  public static final class Switched extends Form {
    static volatile boolean on;
    static volatile boolean failsToConfigure;
    static volatile Reader reader = Switched::certified;
    static final List<Terms> TERMS = new CopyOnWriteArrayList<>();

    static void reset() {
      on = false;
      failsToConfigure = false;
      reader = Switched::certified;
      TERMS.clear();
    }

    @Override
    public Optional<String> unavailable() {
      return on ? Optional.empty() : Optional.of("switched off");
    }

    @Override
    public void configure(QuicSslContext context, Terms terms) throws GeneralSecurityException {
      if (failsToConfigure) {
        throw new GeneralSecurityException("no such function");
      }
      TERMS.add(terms);
    }

    @Override
    public Optional<NodeId> identify(QuicChannel channel) throws GeneralSecurityException {
      return reader.read(channel);
    }

    static Optional<NodeId> certified(QuicChannel channel) throws GeneralSecurityException {
      try {
        byte[] der = channel.sslEngine().getSession().getPeerCertificates()[0].getEncoded();
        return Optional.of(IdentityCertificate.verify(der, Instant.now()));
      } catch (SSLPeerUnverifiedException e) {
        throw new GeneralSecurityException(e);
      }
    }
  }

  /** What a form reads from a connection. */
  interface Reader {
    Optional<NodeId> read(QuicChannel channel) throws GeneralSecurityException;
  }

  private abstract static class Form implements IdentityForm {
    @Override
    public String name() {
      return "test";
    }

    @Override
    public Optional<String> unavailable() {
      return Optional.empty();
    }

    @Override
    public void configure(QuicSslContext context, Terms terms) throws GeneralSecurityException {
      throw new AssertionError("configured although unavailable");
    }

    @Override
    public Optional<NodeId> identify(QuicChannel channel) throws GeneralSecurityException {
      throw new AssertionError("asked although unavailable");
    }
  }
}
