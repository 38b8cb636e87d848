var e=/^[\w./:@=,-]+$/,t=t=>e.test(t)?t:`'${t.replaceAll(`'`,`'\\''`)}'`;function n(e,t){if(e===null)return`None`;if(typeof e==`boolean`)return e?`True`:`False`;if(typeof e!=`object`)return JSON.stringify(e);let r=`${t}    `;return Array.isArray(e)?`[${e.map(e=>n(e,t)).join(`, `)}]`:`{\n${Object.entries(e).map(([e,t])=>`${r}${JSON.stringify(e)}: ${n(t,r)},`).join(`
`)}\n${t}}`}function r(e,r,i,a){let{query:o,...s}=e,c=r===null?e:{key:r,...s},l=`${i}/api/v1/search${r===null?``:`/similar`}`,u=e.filter?` --filter ${t(JSON.stringify(e.filter))}`:``,d=r===null?`search ${t(o)}`:`similar ${t(r)}`,f=a?` \\
  -H "Authorization: Bearer $LIKEWISE_KEY"`:``,p=a?`    headers={"Authorization": f"Bearer {os.environ['LIKEWISE_KEY']}"},
`:``;return{shell:`likewise ${d} -c ${t(e.collection)} -k ${e.k}${u} --json`,curl:`curl ${t(l)}${f} \\\n  --json ${t(JSON.stringify(c))}`,python:`${a?`import os

`:``}import httpx

answer = httpx.post(
    ${JSON.stringify(l)},
${p}    json=${n(c,`    `)},
).raise_for_status().json()
for hit in answer["data"]:
    print(f"{hit['score']:.3f}  {hit['text'][:100]}")`}}export{r as n,t};