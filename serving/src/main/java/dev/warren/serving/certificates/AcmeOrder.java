package dev.warren.serving.certificates;

import dev.warren.serving.tls.AcmeOptions;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.TlsAlpn01Challenge;
import org.shredzone.acme4j.connector.HttpConnector;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.provider.GenericAcmeProvider;

/** Orders certificates. The one class that knows acme4j, which need not be there. One thread. */
final class AcmeOrder {
  /** For each request, and for each step of the authority. */
  private static final Duration REQUEST = Duration.ofSeconds(30);

  private static final Duration STEP = Duration.ofSeconds(90);

  private final AcmeOptions options;
  private final Map<String, Identity> challenges;

  /**
   * @param challenges where certificates for checks are put while they run, by host name
   */
  AcmeOrder(AcmeOptions options, Map<String, Identity> challenges) {
    this.options = options;
    this.challenges = challenges;
  }

  /**
   * Orders a certificate for all names; blocks, for minutes if the authority is slow.
   *
   * @throws IOException if the authority refuses, or cannot be reached; the message says what it
   *     said
   */
  Identity order(KeyPair accountKey)
      throws IOException, GeneralSecurityException, InterruptedException {
    try {
      Login login = login(accountKey);
      Order order = login.newOrder().domains(options.names()).create();
      for (Authorization authorization : order.getAuthorizations()) {
        if (authorization.getStatus() != Status.VALID) {
          check(authorization);
        }
      }
      if (order.waitUntilReady(STEP) != Status.READY) {
        throw new IOException("the order is " + order.getStatus() + because(order.getError()));
      }
      KeyPair key = SelfSigned.p256();
      order.execute(key);
      if (order.waitForCompletion(STEP) != Status.VALID) {
        throw new IOException("the order is " + order.getStatus() + because(order.getError()));
      }
      List<X509Certificate> chain = order.getCertificate().getCertificateChain();
      return new Identity(key.getPrivate(), chain).checked();
    } catch (AcmeException | RuntimeException e) {
      // acme4j says "Network error" and the like, and keeps what happened as the cause.
      String cause = e.getCause() == null ? "" : " (" + e.getCause() + ")";
      throw new IOException(options.directory() + ": " + e.getMessage() + cause, e);
    }
  }

  private Login login(KeyPair key) throws AcmeException, IOException, GeneralSecurityException {
    Session session = new Session(options.directory(), new Provider(options.authorityCa()));
    session.networkSettings().setTimeout(REQUEST);
    AccountBuilder account = new AccountBuilder().agreeToTermsOfService().useKeyPair(key);
    options.contacts().forEach(account::addEmail);
    return account.createLogin(session);
  }

  private void check(Authorization authorization)
      throws AcmeException, IOException, InterruptedException {
    String name = authorization.getIdentifier().getDomain().toLowerCase(Locale.ROOT);
    TlsAlpn01Challenge challenge =
        authorization
            .findChallenge(TlsAlpn01Challenge.class)
            .orElseThrow(() -> new IOException("the authority offers no TLS-ALPN-01 for " + name));
    // Not by acme4j, whose certificate is for RSA keys only.
    challenges.put(name, SelfSigned.forChallenge(name, challenge.getAcmeValidation()));
    try {
      challenge.trigger();
      if (challenge.waitForCompletion(STEP) != Status.VALID) {
        throw new IOException(
            "the check of "
                + name
                + " is "
                + challenge.getStatus()
                + because(challenge.getError())
                + " (is this server reachable as port 443 of that name?)");
      }
    } finally {
      challenges.remove(name);
    }
  }

  private static String because(Optional<Problem> problem) {
    return problem.map(p -> ": " + p).orElse("");
  }

  /** Any authority, with roots of one's own beside the JDK's. */
  private static final class Provider extends GenericAcmeProvider {
    private final @Nullable SSLContext context;

    Provider(@Nullable Path authorityCa) throws IOException, GeneralSecurityException {
      context = authorityCa == null ? null : trusting(authorityCa);
    }

    private static SSLContext trusting(Path authorityCa)
        throws IOException, GeneralSecurityException {
      KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
      roots.load(null, null);
      int n = 0;
      for (TrustManager manager : managers(null)) {
        if (manager instanceof X509TrustManager x509) {
          for (X509Certificate root : x509.getAcceptedIssuers()) {
            roots.setCertificateEntry("root-" + n++, root);
          }
        }
      }
      String what = "the file of the ACME authority's roots " + authorityCa;
      for (X509Certificate root : Pem.certificates(Pem.read(authorityCa), what)) {
        roots.setCertificateEntry("root-" + n++, root);
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers(roots), null);
      return context;
    }

    private static TrustManager[] managers(@Nullable KeyStore roots)
        throws GeneralSecurityException {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(roots);
      return factory.getTrustManagers();
    }

    @Override
    protected HttpConnector createHttpConnector(NetworkSettings settings) {
      SSLContext trusted = context;
      return new HttpConnector(settings) {
        @Override
        public HttpClient.Builder createClientBuilder() {
          HttpClient.Builder builder = super.createClientBuilder();
          return trusted == null ? builder : builder.sslContext(trusted);
        }
      };
    }
  }
}
