package dev.warren.dns.server.io;

import dev.warren.dns.server.limits.DnsLimits;
import dev.warren.serving.certificates.Certificates;
import dev.warren.serving.proxy.AddressRange;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a server listens, and what it grants.
 *
 * @param dns for UDP and TCP, on the same port
 * @param http without TLS; null for nowhere
 * @param https null for nowhere
 * @param certificates for {@code https}
 * @param proxyProtocol whether connections of trusted proxies begin with a PROXY header
 */
public record ListenerOptions(
    InetSocketAddress dns,
    @Nullable InetSocketAddress http,
    @Nullable InetSocketAddress https,
    @Nullable Certificates certificates,
    List<AddressRange> trustedProxies,
    boolean proxyProtocol,
    DnsLimits limits) {}
