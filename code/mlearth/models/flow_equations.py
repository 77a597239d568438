"""The equations of flow in a plane, point by point, for `flow_fit` and for networks.

Everywhere `f` holds fields and derivatives by name: psi is the stream function (u = psi_y, v =
-psi_x: divergence is zero whatever psi is), p the pressure over density, c a scalar; t is the phase
of the period [rad] and `rate` how fast it turns [rad per unit of time].
"""

VELOCITY = ("psi_y", "psi_x", "psi_yt", "psi_xt")
MOMENTUM = (
    *("psi_x", "psi_y", "psi_xx", "psi_xy", "psi_yy", "psi_xxx", "psi_xxy", "psi_xyy", "psi_yyy"),
    *("psi_xt", "psi_yt", "p_x", "p_y"),
)
SCALAR = ("psi_x", "psi_y", "c_x", "c_y", "c_xx", "c_yy", "c_t")


def velocity_misfit(f, q, columns):
    """Velocity minus what was measured.

    Parameters
    ----------
    f : dict of str to Tensor
        What `VELOCITY` names, at the phase rate times t.
    q : dict of str to Tensor
        rate.
    columns : dict of str to Tensor
        u, v as measured, and the time t of each measurement.

    Returns
    -------
    tuple of two Tensors, shape (n,)
    """
    moved = (q["rate"] - q["rate"].detach()) * columns["t"]  # 0, but its derivative is not
    u = f["psi_y"] + moved * f["psi_yt"]
    v = -f["psi_x"] - moved * f["psi_xt"]
    return u - columns["u"], v - columns["v"]


def momentum_residual(f, q, columns):
    """Left minus right side of the momentum equations.

    u_t + inertia (u u_x + v u_y) = -p_x + viscosity (u_xx + u_yy), and the same for v.

    Parameters
    ----------
    f : dict of str to Tensor
        What `MOMENTUM` names.
    q : dict of str to Tensor
        rate, inertia, viscosity.
    columns : dict
        Not used.

    Returns
    -------
    tuple of two Tensors, shape (n,)
    """
    u, v = f["psi_y"], -f["psi_x"]
    along = q["rate"] * f["psi_yt"] + q["inertia"] * (u * f["psi_xy"] + v * f["psi_yy"])
    across = -q["rate"] * f["psi_xt"] - q["inertia"] * (u * f["psi_xx"] + v * f["psi_xy"])
    return (
        along + f["p_x"] - q["viscosity"] * (f["psi_xxy"] + f["psi_yyy"]),
        across + f["p_y"] + q["viscosity"] * (f["psi_xxx"] + f["psi_xyy"]),
    )


def scalar_residual(f, q, columns):
    """Left minus right side of c_t + u c_x + v c_y = diffusivity (c_xx + c_yy).

    Parameters
    ----------
    f : dict of str to Tensor
        What `SCALAR` names.
    q : dict of str to Tensor
        rate, diffusivity.
    columns : dict
        Not used.

    Returns
    -------
    tuple of one Tensor, shape (n,)
    """
    carried = f["psi_y"] * f["c_x"] - f["psi_x"] * f["c_y"]
    spread = q["diffusivity"] * (f["c_xx"] + f["c_yy"])
    return (q["rate"] * f["c_t"] + carried - spread,)
