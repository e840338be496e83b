package dev.warren.relay.server.io;

import dev.warren.serving.certificates.Certificates;
import dev.warren.serving.proxy.AddressRange;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a relay listens, and what it believes about who connects.
 *
 * @param bind the relay's listener
 * @param certificates for TLS on it; null for plain http
 * @param plainHttp a second listener for {@code /generate_204}; null for none
 * @param stun where STUN is answered on UDP; null for nowhere
 * @param trustedProxies who may speak for clients
 * @param proxyProtocol whether their connections begin with a PROXY header
 * @param version shown by {@code /healthz}
 */
public record ListenerOptions(
    InetSocketAddress bind,
    @Nullable Certificates certificates,
    @Nullable InetSocketAddress plainHttp,
    @Nullable InetSocketAddress stun,
    List<AddressRange> trustedProxies,
    boolean proxyProtocol,
    String version,
    BooleanSupplier draining) {}
