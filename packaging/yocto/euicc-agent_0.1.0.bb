# SPDX-License-Identifier: LGPL-2.1-or-later
SUMMARY = "Remote SIM provisioning agent for an eUICC behind a QMI modem"
DESCRIPTION = "The device's part of GSMA SGP.02: finds the eUICC behind each QMI modem, carries the commands of its \
SM-SR to it, follows the change of profile, and shows all of it on the system bus."
SECTION = "net"
LICENSE = "LGPL-2.1-or-later"
LIC_FILES_CHKSUM = "file://LICENSE;md5=4fbd65380cdd255951079008b364516c"

# What packaging/build-deb makes, put into files/ beside this recipe, which no build of OpenEmbedded has seen yet
SRC_URI = "file://${BPN}_${PV}.orig.tar.xz"

# modemmanager is for libmm-glib. From meta-oe, as libqmi is; where its release has no llhttp, a recipe of that or of
# http-parser goes beside this one.
DEPENDS = " \
    c-ares \
    glib-2.0 \
    glib-2.0-native \
    gnutls \
    json-glib \
    libgudev \
    libqmi \
    llhttp \
    modemmanager \
    systemd \
"

inherit meson pkgconfig systemd useradd features_check bash-completion

REQUIRED_DISTRO_FEATURES = "systemd"

EXTRA_OEMESON = " \
    -Dtests=false \
    -Dsystemd_unit_dir=${systemd_system_unitdir} \
    -Dudev_dir=${nonarch_base_libdir}/udev \
    -Dqmi_proxy=${libexecdir}/qmi-proxy \
    -Dmbim_proxy=${libexecdir}/mbim-proxy \
"

PACKAGECONFIG ??= "man"
PACKAGECONFIG[man] = "-Dman=enabled,-Dman=disabled,scdoc-native"
PACKAGECONFIG[qrtr] = ",,libqrtr-glib"
PACKAGECONFIG[simulator] = "-Dsimulator=true,-Dsimulator=false"

# The same group as in systemd/euicc-agent.sysusers; systemd-sysusers finds it there already.
USERADD_PACKAGES = "${PN}"
GROUPADD_PARAM:${PN} = "--system euicc"

# The proxy is started by the agent's unit, and never stopped with it.
SYSTEMD_SERVICE:${PN} = "euicc-agent.service"

PACKAGE_BEFORE_PN = "${PN}-sim"
FILES:${PN}-sim = "${bindir}/euicc-sim"
FILES:${PN} += " \
    ${systemd_system_unitdir}/euicc-agent-qmi-proxy.service \
    ${nonarch_libdir}/systemd/catalog/euicc-agent.catalog \
    ${nonarch_libdir}/sysusers.d/euicc-agent.conf \
    ${datadir}/dbus-1 \
    ${datadir}/fish/vendor_completions.d \
    ${datadir}/polkit-1/actions \
    ${datadir}/zsh/site-functions \
"
CONFFILES:${PN} = "${sysconfdir}/euicc-agent/agent.conf"

# qmi-proxy; on demand (agent/demand.h) GnuTLS and libmm-glib
RDEPENDS:${PN} = "dbus gnutls libqmi modemmanager"
RRECOMMENDS:${PN} = "polkit"
