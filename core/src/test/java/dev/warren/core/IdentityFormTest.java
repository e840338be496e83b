package dev.warren.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.EndpointBindException;
import dev.warren.base.NodeId;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.base.SecretKey;
import dev.warren.core.TestForms.Switched;
import dev.warren.core.TestForms.Unusable;
import dev.warren.core.io.CertificatesOnly;
import dev.warren.core.io.Sessions;
import dev.warren.core.spi.IdentityForm.Terms;
import dev.warren.testlab.Await;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A second form of identity: found, chosen, refused, done without. */
class IdentityFormTest {
  @BeforeEach
  @AfterEach
  void reset() {
    Switched.reset();
  }

  private static void assertForms(Pair pair, String form) throws Exception {
    Pair.Link link = pair.link();
    assertThat(link.dialler().identityForm()).isEqualTo(form);
    assertThat(link.acceptor().identityForm()).isEqualTo(form);
    assertThat(link.dialler().remoteId()).isEqualTo(pair.server.id());
    assertThat(link.acceptor().remoteId()).isEqualTo(pair.client.id());
    link.dialler().close();
  }

  // ---- found ----

  @Test
  void formsThatCannotBeUsedAreSkippedAndTheEndpointSaysWhy() throws Exception {
    try (Pair pair = Pair.bind()) {
      assertForms(pair, "x509");
      assertThat(pair.client.supportsRawPublicKeys()).isFalse();
      assertThat(pair.client.rawPublicKeysUnavailable().orElseThrow())
          .contains("TestForms$Missing not found")
          .contains("TestForms$Broken could not be instantiated")
          .contains("broken on purpose")
          .contains("test: " + Unusable.reason)
          .contains("switched off");
    }
  }

  @Test
  void whatCannotBeUsedIsLoggedOnce() throws Exception {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    String once = "said once " + System.nanoTime();
    Unusable.reason = once;
    System.setErr(new PrintStream(log, true, UTF_8));
    try {
      for (int i = 0; i < 3; i++) {
        Pair.builder().bind().close();
      }
    } finally {
      System.setErr(before);
      Unusable.reason = "unusable on purpose";
    }
    assertThat(log.toString(UTF_8)).containsOnlyOnce(once);
  }

  @Test
  void aUsableFormIsUsedOnBothSidesBesideCertificates() throws Exception {
    Switched.on = true;
    try (Pair pair = Pair.bind()) {
      assertForms(pair, "test");
      assertForms(pair, "test");
      assertThat(pair.server.supportsRawPublicKeys()).isTrue();
      assertThat(pair.server.rawPublicKeysUnavailable()).isEmpty();
      assertThat(Switched.TERMS)
          .filteredOn(Terms::server)
          .hasSize(2)
          .allMatch(Terms::x509)
          .anyMatch(t -> t.key().nodeId().equals(pair.server.id()));
      assertThat(Switched.TERMS)
          .filteredOn(t -> !t.server())
          .singleElement()
          .matches(t -> t.x509() && t.key().nodeId().equals(pair.client.id()));
    }
  }

  // ---- chosen ----

  @Test
  void anEndpointOfCertificatesIgnoresIt() throws Exception {
    Switched.on = true;
    try (Pair pair =
        Pair.bind(
            Pair.builder().identity(IdentityMode.X509),
            Pair.builder().identity(IdentityMode.X509))) {
      assertForms(pair, "x509");
      assertThat(Switched.TERMS).isEmpty();
      assertThat(pair.server.supportsRawPublicKeys()).isFalse();
    }
  }

  @Test
  void rawKeysAloneCannotBeBoundWithoutThem() {
    assertThatThrownBy(() -> Pair.builder().identity(IdentityMode.RAW_PUBLIC_KEY).bind())
        .isInstanceOf(EndpointBindException.class)
        .hasMessageContaining("raw public keys are not available")
        .hasMessageContaining("switched off");
  }

  @Test
  void rawKeysAloneRefuseAPeerThatUsedACertificate() throws Exception {
    Switched.on = true;
    try (Pair pair =
        Pair.bind(Pair.builder(), Pair.builder().identity(IdentityMode.RAW_PUBLIC_KEY))) {
      assertForms(pair, "test");
      assertThat(Switched.TERMS).anyMatch(t -> !t.server() && !t.x509());
      Switched.reader = channel -> Optional.empty();
      assertThatThrownBy(pair::dial)
          .isInstanceOfSatisfying(
              PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.IDENTITY))
          .hasMessageContaining("X.509");
    }
  }

  @Test
  void aPeerThatUsedACertificateIsServedBesideIt() throws Exception {
    Switched.on = true;
    Switched.reader = channel -> Optional.empty();
    try (Pair pair = Pair.bind()) {
      assertForms(pair, "x509");
    }
  }

  @Test
  void aFormThatFailsToConfigureIsDoneWithout() throws Exception {
    Switched.on = true;
    Switched.failsToConfigure = true;
    try (Pair pair = Pair.bind()) {
      assertForms(pair, "x509");
      assertThat(pair.server.rawPublicKeysUnavailable()).contains("test: no such function");
    }
    assertThatThrownBy(() -> Pair.builder().identity(IdentityMode.RAW_PUBLIC_KEY).bind())
        .isInstanceOf(EndpointBindException.class)
        .hasMessageContaining("no such function");
  }

  // ---- proved ----

  /** Its own check is made after the handshake, so nothing may get through before. */
  @Test
  void anotherIdOrNoneIsAnIdentityErrorAndDeliversNothing() throws Exception {
    Switched.on = true;
    NodeId other = SecretKey.generate().nodeId();
    try (Pair pair = Pair.bind()) {
      Switched.reader = channel -> Optional.of(other);
      assertThatThrownBy(pair::dial)
          .isInstanceOfSatisfying(
              PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.IDENTITY))
          .hasMessageContaining(pair.server.id().toShortString())
          .hasMessageContaining(other.toShortString());
      Switched.reader =
          channel -> {
            throw new GeneralSecurityException("not an Ed25519 key");
          };
      assertThatThrownBy(pair::dial)
          .isInstanceOfSatisfying(
              PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.IDENTITY))
          .hasMessageContaining("not an Ed25519 key");
      assertThat(pair.client.metrics().get("connections.opened")).isZero();
    }
  }

  // ---- refused ----

  @Test
  void aPeerThatRefusesTheOfferIsDialledOnceMoreWithCertificatesAndRemembered() throws Exception {
    SecretKey key = SecretKey.generate();
    try (Endpoint server = Pair.builder().secretKey(key).identity(IdentityMode.X509).bind()) {
      CertificatesOnly.impose(server, key, Pair.ALPN);
      Switched.on = true;
      try (Endpoint client = Pair.builder().bind()) {
        for (int dial = 0; dial < 3; dial++) {
          try (Connection connection = client.connect(server.addr(), Pair.ALPN)) {
            assertThat(connection.identityForm()).isEqualTo("x509");
            assertThat(connection.remoteId()).isEqualTo(server.id());
          }
        }
        assertThat(Switched.TERMS).filteredOn(t -> !t.server()).hasSize(1);
        assertThat(Sessions.dialledWithCertificatesOnly(client, server.id())).isTrue();
      }
      try (Endpoint rawOnly = Pair.builder().identity(IdentityMode.RAW_PUBLIC_KEY).bind()) {
        assertThatThrownBy(
                () -> {
                  CertificatesOnly.impose(server, key, Pair.ALPN);
                  rawOnly.connect(server.addr(), Pair.ALPN);
                })
            .isInstanceOfSatisfying(
                PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.IDENTITY))
            .hasMessageContaining("alert 40");
      }
    }
  }

  @Test
  void aDialCancelledBetweenItsAttemptsMakesNoSecond() throws Exception {
    SecretKey key = SecretKey.generate();
    try (Endpoint server = Pair.builder().secretKey(key).identity(IdentityMode.X509).bind()) {
      CertificatesOnly.impose(server, key, Pair.ALPN);
      Switched.on = true;
      try (Endpoint client = Pair.builder().bind()) {
        CompletableFuture<Connection> dial =
            client.connectAsync(server.addr(), Pair.ALPN, ConnectOptions.DEFAULT);
        dial.cancel(true);
        assertThatThrownBy(() -> dial.get(10, TimeUnit.SECONDS))
            .isInstanceOf(java.util.concurrent.CancellationException.class);
      }
      Await.until(
          "nothing is left open",
          Pair.SOON,
          () ->
              server.metrics().get("connections.opened")
                  == server.metrics().get("connections.closed"));
    }
  }
}
