"""The vector indexes of a space: DDL, so on the owner's connection and outside any transaction."""

from psycopg import sql

from likewise.platform.db import Database

__all__ = ["drop_indexes_of_space"]


async def drop_indexes_of_space(db: Database, *, space_id: int) -> int:
    """Drop the HNSW indexes of a space that holds nothing any more, while everybody goes on; how many there were."""
    async with db.owner_connection() as connection:
        cursor = await connection.execute(
            """
            select i.relname
            from pg_inherits h
            join pg_index x on x.indrelid = h.inhrelid
            join pg_class i on i.oid = x.indexrelid
            join pg_am a on a.oid = i.relam
            where h.inhparent = 'embedding.vectors'::regclass and a.amname = 'hnsw'
              and pg_get_expr(x.indpred, x.indrelid) = %s
            order by i.relname
            """,
            [f"(space_id = {space_id})"],
        )
        names = [str(name) for (name,) in await cursor.fetchall()]
        for name in names:
            statement = sql.SQL("drop index concurrently if exists {}").format(sql.Identifier("embedding", name))
            await connection.execute(statement)
    return len(names)
